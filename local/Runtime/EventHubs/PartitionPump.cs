using Azure.Messaging.EventHubs;
using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Reads one partition and runs the function with its events, batch after batch: one that fails and is retried holds up its own partition only.</summary>
internal sealed class PartitionPump : IDisposable
{
    // All readers of a consumer group have the same level: the last who comes has the partition.
    private const long OwnerLevel = 0;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);

    private readonly HubTrigger _trigger;
    private readonly string _partition;
    private readonly HubClient _client;
    private readonly ICheckpointStore _store;
    private readonly HubOptions _options;
    private readonly RetryingInvoker _invoker;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Checkpoint? _done;
    private int _batchesSince;
    private bool _isLost;

    public PartitionPump(
        HubTrigger trigger,
        string partition,
        HubClient client,
        ICheckpointStore store,
        HubOptions options,
        RetryingInvoker invoker,
        TimeProvider clock,
        ILogger logger)
    {
        (_trigger, _partition, _client, _store, _options) = (trigger, partition, client, store, options);
        (_invoker, _clock, _logger) = (invoker, clock, logger);
        Completion = Task.Run(RunAsync);
    }

    /// <summary>Completes when the partition is another's, or the pump was stopped.</summary>
    public Task Completion { get; }

    /// <summary>Tells the function in progress by its token, and waits for nothing: see <see cref="Completion"/>.</summary>
    /// <param name="isLost">Another has the partition: what is done since the last checkpoint is no longer noted.</param>
    public void Stop(bool isLost)
    {
        if (isLost)
        {
            Volatile.Write(ref _isLost, true);
        }

        _ = _stopping.CancelAsync();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        var failures = new RepeatedFailures();
        var wait = FirstWait;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var receiver = await OpenAsync();
                Log.Reads(_logger, _trigger.Function.Name, _partition, _trigger.Hub);
                failures.Reset();
                wait = FirstWait;
                await ReadAsync(receiver);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                break;
            }
            catch (HubException exception) when (exception.Failure == HubFailure.Stolen)
            {
                Volatile.Write(ref _isLost, true);
                break;
            }
            catch (Exception exception)
            {
                if (failures.IsNew(exception))
                {
                    Log.CannotRead(_logger, exception, _trigger.Function.Name, _partition, _trigger.Hub);
                }

                await Task.Delay(wait, _clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
        }

        if (Volatile.Read(ref _isLost))
        {
            Log.Lost(_logger, _trigger.Function.Name, _partition, _trigger.Hub);
        }
        else if (_batchesSince > 0)
        {
            await CheckpointAsync();
        }
    }

    private async Task<PartitionReceiver> OpenAsync()
    {
        var checkpoint = _done ?? await _store.ReadAsync(_partition, _stopping.Token);
        try
        {
            return await ReceiveAsync(PositionOf(checkpoint));
        }
        catch (HubException exception) when (exception.Failure == HubFailure.Refused && checkpoint is not null)
        {
            if (!await IsBehindEndAsync(checkpoint))
            {
                throw;
            }

            Log.HubIsNew(_logger, _partition, _trigger.Hub, _trigger.Function.Name);
            _done = null;
            return await ReceiveAsync(HubPosition.Earliest);
        }
    }

    private Task<PartitionReceiver> ReceiveAsync(HubPosition from) =>
        _client.ReceiveAsync(_trigger.Hub, _trigger.ConsumerGroup, _partition, from, OwnerLevel, _options.PrefetchCount, _stopping.Token);

    private HubPosition PositionOf(Checkpoint? checkpoint) => checkpoint switch
    {
        { Offset: { } offset } => HubPosition.AfterOffset(offset),
        { SequenceNumber: { } number } => HubPosition.AfterSequenceNumber(number),
        _ => _options.InitialPosition,
    };

    private async Task<bool> IsBehindEndAsync(Checkpoint checkpoint)
    {
        var partition = await _client.GetPartitionAsync(_trigger.Hub, _partition, _stopping.Token);
        return checkpoint.SequenceNumber > partition.LastEnqueuedSequenceNumber;
    }

    private async Task ReadAsync(PartitionReceiver receiver)
    {
        // A function that is being retried learns at once that the partition is another's; that the connection is lost is nothing to it.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var watching = WatchAsync(receiver, ending);
        try
        {
            while (true)
            {
                var events = await receiver.ReadAsync(_options.MaxEventBatchSize, _options.MinEventBatchSize, _options.MaxWaitTime, _stopping.Token);
                await HandleAsync([.. events.Select(received => new EventData(received))], ending.Token);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && !_stopping.IsCancellationRequested)
        {
            throw new HubException(HubFailure.Stolen, "Another reader has taken the partition.");
        }
        finally
        {
            await ending.CancelAsync();
            await watching;
        }
    }

    private static async Task WatchAsync(PartitionReceiver receiver, CancellationTokenSource ending)
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, ending.Token);
        if (await Task.WhenAny(receiver.Ended, stopped) == receiver.Ended && await receiver.Ended == HubFailure.Stolen)
        {
            await ending.CancelAsync();
        }
    }

    private async Task HandleAsync(EventData[] events, CancellationToken cancellationToken)
    {
        if (_trigger.IsBatched)
        {
            await InvokeAsync(events, events, EventBindingData.Of(_trigger, _partition, events), cancellationToken);
        }
        else
        {
            foreach (var only in events)
            {
                await InvokeAsync(only, [only], EventBindingData.Of(_trigger, _partition, only), cancellationToken);
            }
        }

        _done = new Checkpoint(events[^1].OffsetString, events[^1].SequenceNumber);
        _batchesSince++;
        if (_batchesSince >= _options.BatchCheckpointFrequency)
        {
            await CheckpointAsync();
        }
    }

    private async Task InvokeAsync(object value, EventData[] events, EventBindingData data, CancellationToken cancellationToken)
    {
        try
        {
            await _invoker.InvokeAsync(new Invocation(_trigger.Function, value) { BindingData = data }, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // They come again, here or to the next owner.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception exception)
        {
            Log.GivenUp(_logger, exception, _trigger.Function.Name, events[0].SequenceNumber, events[^1].SequenceNumber, _partition, _trigger.Hub);
        }
    }

    // Not by the token: what is done is done, also while the host stops.
    private async Task CheckpointAsync()
    {
        try
        {
            await _store.WriteAsync(_partition, _done!, CancellationToken.None);
            _batchesSince = 0;
        }
        catch (Exception exception)
        {
            Log.CheckpointFailed(_logger, exception, _partition, _trigger.Hub);
        }
    }
}
