using DataPlatform.Operations;

namespace DataPlatform.Processing.Backfills;

/// <summary>Begins backfills.</summary>
public sealed class BackfillStart(BackfillPlanner planner, BackfillStore store, TimeProvider clock)
{
    /// <summary>Says what a backfill would read.</summary>
    /// <inheritdoc cref="BackfillPlanner.PlanAsync"/>
    public Task<BackfillPlan> PlanAsync(string pipeline, ReadOnlyMemory<byte> document, CancellationToken cancellationToken) =>
        planner.PlanAsync(pipeline, BackfillRequest.Read(document), cancellationToken);

    /// <summary>Stores a backfill, or finds the one that the same caller asked for with the same key; <see cref="BackfillDriver"/> does it.</summary>
    /// <inheritdoc cref="BackfillPlanner.PlanAsync"/>
    public async Task<Backfill> CreateAsync(
        string pipeline, ReadOnlyMemory<byte> document, string caller, string? key, CancellationToken cancellationToken)
    {
        // Before the plan: by now the range was read, perhaps.
        if (key is not null && await store.FindByKeyAsync(pipeline, caller, key, document, cancellationToken) is { } known)
            return known;
        var plan = await PlanAsync(pipeline, document, cancellationToken);
        var now = clock.GetUtcNow();
        var backfill = new Backfill
        {
            Id = RunId.Create(pipeline, now),
            Pipeline = pipeline,
            DefinitionVersion = plan.DefinitionVersion,
            Source = plan.Source,
            Slices = plan.Slices,
            Parallelism = plan.Parallelism,
            Whole = plan.Whole,
            Caller = caller,
            Created = now,
        };
        return await store.CreateAsync(backfill, key, document, cancellationToken);
    }
}
