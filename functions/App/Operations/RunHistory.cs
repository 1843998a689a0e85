using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Options;

namespace DataPlatform.App.Operations;

/// <summary>The durable history of runs, which serves their execution only: what became of a run is in its own row.</summary>
public sealed class RunHistory(IOptions<PlatformOptions> options, TimeProvider clock)
{
    private static readonly OrchestrationRuntimeStatus[] Ended =
        [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];

    /// <summary>Removes what ended longer ago than <see cref="PlatformOptions.HistoryDays"/>.</summary>
    /// <remarks>Purging by filter goes by the start, which would take a long run away right after its end. Runs' ids are never used again, so
    /// nothing can have started between the listing and the purge.</remarks>
    public async Task PurgeAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        var limit = clock.GetUtcNow() - TimeSpan.FromDays(options.Value.HistoryDays);
        var old = client.GetAllInstancesAsync(new OrchestrationQuery(CreatedTo: limit, Statuses: Ended));
        await foreach (var instance in old.WithCancellation(cancellationToken))
        {
            if (instance.LastUpdatedAt <= limit)
                await client.PurgeInstanceAsync(instance.InstanceId, cancellationToken);
        }
    }
}
