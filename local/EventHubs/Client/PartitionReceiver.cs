using System.Threading.Channels;
using Amqp;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Gives a partition's events in their order. Not for two readers at a time.</summary>
public sealed class PartitionReceiver : IAsyncDisposable
{
    // How much is fetched ahead, by the size of the largest event seen lately: what comes before that is known is bounded by the number.
    private const long AheadBytes = 8L * 1024 * 1024;
    private const long FirstGuess = 64L * 1024;

    private readonly ReceiverLink _link;
    private readonly string _path;
    private readonly int _prefetch;
    private readonly TimeProvider _clock;
    private readonly Channel<(ReceivedEvent Event, int Size)> _events = Channel.CreateUnbounded<(ReceivedEvent, int)>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<HubFailure> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _ahead;
    private long _aheadBytes;
    private int _granted;
    private long _largest = FirstGuess;

    internal PartitionReceiver(ReceiverLink link, string path, int prefetch, TimeProvider clock)
    {
        _link = link;
        _path = path;
        _prefetch = Math.Max(1, prefetch);
        _clock = clock;
        link.AddClosedCallback((_, error) => End(HubException.From(error, $"The link to {path}")));

        // Started without credit: the link would restore it by itself.
        link.Start(0, OnMessage);
        Grant();
    }

    /// <summary>Completes when the link has ended, at once: before the events are read that came until then.</summary>
    public Task<HubFailure> Ended => _ended.Task;

    /// <summary>Waits for events.</summary>
    /// <param name="most">The most events that are given.</param>
    /// <param name="least">Waits for so many, unless the first of them has waited for <paramref name="wait"/>.</param>
    /// <returns>One event or more.</returns>
    /// <exception cref="HubException">The link ended: stolen, or the connection is lost. Events that came before are given first.</exception>
    public async Task<IReadOnlyList<ReceivedEvent>> ReadAsync(int most, int least, TimeSpan wait, CancellationToken cancellationToken)
    {
        var events = new List<ReceivedEvent>();
        events.Add(await NextAsync(cancellationToken));
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (least > 1)
            using (_clock.CreateTimer(_ => Cancel(waiting), null, wait, Timeout.InfiniteTimeSpan))
                await FillAsync(events, Math.Min(least, most), waiting.Token, cancellationToken);
        while (events.Count < most && _events.Reader.TryRead(out var next))
            events.Add(Taken(next));
        Grant();
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        _events.Writer.TryComplete();
        await HubLinks.CloseAsync(_link, TimeSpan.FromSeconds(5));
    }

    private async Task FillAsync(List<ReceivedEvent> events, int least, CancellationToken waiting, CancellationToken cancellationToken)
    {
        try
        {
            while (events.Count < least)
                events.Add(await NextAsync(waiting));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Long enough waited.
        }
    }

    private async Task<ReceivedEvent> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            (ReceivedEvent, int) next;
            while (!_events.Reader.TryRead(out next))
            {
                Grant();
                if (!await _events.Reader.WaitToReadAsync(cancellationToken))
                    throw new HubException(HubFailure.NoAnswer, $"The link to {_path} is closed.");
            }

            return Taken(next);
        }
        catch (Exception exception) when (HubException.IsLoss(exception))
        {
            throw HubException.From(exception, $"The link to {_path}");
        }
    }

    private ReceivedEvent Taken((ReceivedEvent Event, int Size) next)
    {
        lock (_lock)
        {
            _ahead--;
            _aheadBytes -= next.Size;
        }

        return next.Event;
    }

    private void OnMessage(IReceiverLink link, Message message)
    {
        link.Accept(message);
        var received = ReceivedEvents.Read(message);
        var size = received.Body.Length + 512;
        lock (_lock)
        {
            _granted--;
            _ahead++;
            _aheadBytes += size;
            _largest = Math.Max(_largest, size);
        }

        _events.Writer.TryWrite((received, size));
    }

    private void Grant()
    {
        int credit;
        lock (_lock)
        {
            var room = Math.Max(0, AheadBytes - _aheadBytes) / _largest;
            credit = (int)Math.Min(_prefetch - _ahead, room) - _granted;
            if (_granted + _ahead == 0)
                credit = Math.Max(1, credit);

            // A flow for a few events at a time, not for each.
            if (credit <= 0 || (credit < _prefetch / 4 && _granted > 0))
                return;
            _granted += credit;
            _largest = Math.Max(1024, _largest * 3 / 4);
        }

        try
        {
            _link.SetCredit(credit, CreditMode.Manual);
        }
        catch (Exception exception) when (HubException.IsLoss(exception))
        {
            End(HubException.From(exception, $"The link to {_path}"));
        }
    }

    private void End(HubException reason)
    {
        _ended.TrySetResult(reason.Failure);
        _events.Writer.TryComplete(reason);
    }

    private static void Cancel(CancellationTokenSource waiting)
    {
        try
        {
            waiting.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The wait was over at the same time.
        }
    }
}
