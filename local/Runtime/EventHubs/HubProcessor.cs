using DataPlatform.Local.EventHubs.Client;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Feeds one function from the partitions of its hub that fall to this process, in agreement with the other processes of its consumer group.</summary>
internal sealed class HubProcessor(
    HubTrigger trigger,
    HubClient client,
    ICheckpointStore store,
    HubOptions options,
    RetryingInvoker invoker,
    TimeProvider clock,
    ILogger logger)
{
    private static readonly TimeSpan RetryWait = TimeSpan.FromSeconds(5);

    private readonly string _owner = Guid.NewGuid().ToString();
    private readonly Dictionary<string, PartitionPump> _pumps = new(StringComparer.Ordinal);
    private readonly RepeatedFailures _failures = new();

    /// <summary>Runs until stopped; batches in progress are told by their token and waited for, and the partitions given back.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var wait = options.LoadBalancingUpdateInterval;
            try
            {
                await BalanceAsync(stopping);
                if (_failures.Count > 0)
                {
                    Log.Reaches(logger, trigger.Function.Name, trigger.Hub, _failures.Count);
                    _failures.Reset();
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                if (_failures.IsNew(exception))
                {
                    Log.CannotBalance(logger, exception, trigger.Function.Name, trigger.Hub);
                }

                wait = wait < RetryWait ? wait : RetryWait;
            }

            await Task.Delay(wait, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (var pump in _pumps.Values)
        {
            pump.Stop(isLost: false);
        }

        await Task.WhenAll(_pumps.Values.Select(pump => pump.Completion));
        await GiveBackAsync();
        await client.DisposeAsync();
        (store as IDisposable)?.Dispose();
    }

    private async Task BalanceAsync(CancellationToken stopping)
    {
        var known = (await store.ListAsync(stopping)).ToDictionary(ownership => ownership.Partition, StringComparer.Ordinal);
        StopLost(known);
        foreach (var own in known.Values.Where(ownership => ownership.Owner == _owner).ToList())
        {
            if (await store.ClaimAsync(own, stopping) is { } renewed)
            {
                known[own.Partition] = renewed;
            }
            else
            {
                known.Remove(own.Partition);
                _pumps.GetValueOrDefault(own.Partition)?.Stop(isLost: true);
            }
        }

        var partitions = (await client.GetPropertiesAsync(trigger.Hub, stopping)).PartitionIds;
        var expired = clock.GetUtcNow() - options.PartitionOwnershipExpirationInterval;
        var active = known.Values.Where(ownership => ownership.Owner.Length > 0 && (ownership.Owner == _owner || ownership.Changed > expired)).ToList();
        foreach (var partition in PartitionBalance.ToClaim(_owner, partitions, active, Random.Shared))
        {
            var claim = new Ownership(partition, _owner, default, known.GetValueOrDefault(partition)?.Version);
            if (await store.ClaimAsync(claim, stopping) is { } claimed)
            {
                known[partition] = claimed;
            }
        }

        foreach (var partition in partitions.Where(id => known.GetValueOrDefault(id)?.Owner == _owner && !_pumps.ContainsKey(id)))
        {
            _pumps.Add(partition, new PartitionPump(trigger, partition, client, store, options, invoker, clock, logger));
        }
    }

    // One that takes its time to stop does not keep the others from being renewed.
    private void StopLost(Dictionary<string, Ownership> known)
    {
        foreach (var (partition, pump) in _pumps.ToList())
        {
            if (pump.Completion.IsCompleted)
            {
                pump.Dispose();
                _pumps.Remove(partition);
            }
            else if (known.GetValueOrDefault(partition)?.Owner != _owner)
            {
                pump.Stop(isLost: true);
            }
        }
    }

    private async Task GiveBackAsync()
    {
        try
        {
            foreach (var own in (await store.ListAsync(CancellationToken.None)).Where(ownership => ownership.Owner == _owner))
            {
                await store.ClaimAsync(own with { Owner = "" }, CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            Log.NotGivenBack(logger, exception, trigger.Hub);
        }
    }
}
