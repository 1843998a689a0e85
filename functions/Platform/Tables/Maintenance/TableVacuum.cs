using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Tables.Maintenance;

/// <summary>
/// Deletes the files below a table that no kept version consists of, with what lies beside them. Kept are the versions of the retention and all
/// from the oldest that somebody holds. Files in no commit may be on their way into one: they stay for a day at the least, and as long as a run that may
/// have written them is under way. Doing it twice, or being cut off, does no harm.
/// </summary>
public sealed class TableVacuum(
    DeltaTables tables, IObjectStore store, TableHolds holds, IOptions<PlatformOptions> options, TimeProvider clock, ILogger<TableVacuum> logger)
{
    /// <summary>No retention is shorter.</summary>
    public static readonly TimeSpan ShortestRetention = TimeSpan.FromHours(1);

    internal const string Holder = "run:vacuum-";
    private const int AtOnce = 100;
    private const int ParallelDeletes = 8;
    private const int MostListed = 1_000;
    private static readonly TimeSpan UncommittedFor = TimeSpan.FromDays(1);

    // The store's clock gives files their times.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MarkFor = TimeSpan.FromMinutes(1);

    /// <param name="retention">Null takes the table's own (<c>delta.deletedFileRetentionDuration</c>) or the setting's.</param>
    /// <exception cref="TerminalException"><c>TableNotFound</c>; <c>InvalidRetention</c>: too short.</exception>
    public async Task<VacuumResult> RunAsync(TableName name, TimeSpan? retention, string operationId, bool dryRun, CancellationToken cancellationToken)
    {
        if (retention < ShortestRetention)
            throw new TerminalException(FailureKind.Invalid, "InvalidRetention", "Files are kept for an hour at the least: ask for PT1H or more.", "retention");
        var table = tables.Get(name);
        var state = await table.TryGetStateAsync(null, cancellationToken)
            ?? throw new TerminalException(FailureKind.NotFound, "TableNotFound", $"Table '{name}' has no data yet.", "table");
        var keep = retention ?? state.Metadata!.OwnDeletedFileRetention ?? options.Value.DataRetention;
        var run = new Run(name, state.Metadata!.Id, $"{Holder}{operationId}", clock.GetUtcNow() - keep, await UncommittedBeforeAsync(table, state, keep, cancellationToken));

        // A restore looks for this mark once its hold is there, and we for its hold once the mark is.
        if (!dryRun)
            await MarkAsync(run, cancellationToken);
        try
        {
            var byAge = await ByAgeAsync(table, run.Before, cancellationToken);
            var hold = await holds.OldestHeldAsync(table, cancellationToken);
            var needed = await NeededFiles.OfAsync(table, Math.Min(byAge, hold?.Version ?? byAge), cancellationToken);
            var result = await SweepAsync(table, run, needed, dryRun, cancellationToken);
            if (!dryRun)
                Log.Vacuumed(logger, name.Name, result.Files, result.Bytes, needed.Oldest);
            return result with { OldestVersion = needed.Oldest, HeldBy = hold?.Version < byAge ? hold.Holder : null };
        }
        finally
        {
            if (!dryRun)
                await holds.ReleaseAsync(name, run.Mark, CancellationToken.None);
        }
    }

    private async Task<VacuumResult> SweepAsync(DeltaTable table, Run run, NeededFiles needed, bool dryRun, CancellationToken cancellationToken)
    {
        var result = new VacuumResult(0, null, 0, 0, []);
        List<string> listed = [];
        List<ObjectInfo> batch = [];
        var prefix = run.Table.Root.Value.Length + 1;
        await foreach (var info in store.ListAsync(run.Table.Root, null, cancellationToken))
        {
            if (!IsDead(info))
                continue;
            batch.Add(info);
            if (batch.Count == AtOnce)
                await EndAsync();
        }

        await EndAsync();
        return result with { Listed = listed };

        bool IsDead(ObjectInfo info) => needed.UseOf(info.Path.Value[prefix..]) switch
        {
            FileUse.Removed => info.LastModified < run.Before,
            FileUse.Unknown => info.LastModified < run.UncommittedBefore,
            _ => false,
        };

        async Task EndAsync()
        {
            if (!dryRun && batch.Count > 0)
            {
                await MarkAsync(run, cancellationToken);
                await needed.ReachAsync((await holds.OldestHeldAsync(table, cancellationToken))?.Version ?? long.MaxValue, cancellationToken);
                if ((await table.TryGetStateAsync(null, cancellationToken))?.Metadata?.Id != run.TableId)
                    throw new TransientException($"Table '{run.Table}' was made anew while it was vacuumed.");
                batch.RemoveAll(info => !IsDead(info));
                await Parallel.ForEachAsync(
                    batch,
                    new ParallelOptions { MaxDegreeOfParallelism = ParallelDeletes, CancellationToken = cancellationToken },
                    async (info, token) =>
                    {
                        await store.TryDeleteAsync(info.Path, info.ETag, token);
                        FaultPoint.Pass("vacuum");
                    });
            }

            result = result with { Files = result.Files + batch.Count, Bytes = result.Bytes + batch.Sum(info => info.Length) };
            listed.AddRange(batch.Take(MostListed - listed.Count).Select(info => info.Path.Value[prefix..]));
            batch.Clear();
        }
    }

    private async Task<DateTimeOffset> UncommittedBeforeAsync(DeltaTable table, TableState state, TimeSpan keep, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - (keep > UncommittedFor ? keep : UncommittedFor);
        await foreach (var hold in holds.ListAsync(table.Name, state.Metadata!.Id, cancellationToken))
        {
            if (hold.Writes - ClockSkew < before)
                before = hold.Writes!.Value - ClockSkew;
        }

        return before;
    }

    /// <summary>The version that the table had then; the oldest there is when all are younger.</summary>
    private static async Task<long> ByAgeAsync(DeltaTable table, DateTimeOffset before, CancellationToken cancellationToken)
    {
        try
        {
            return await table.VersionAtAsync(before, cancellationToken);
        }
        catch (TerminalException younger) when (younger.Kind is FailureKind.NotFound or FailureKind.Gone)
        {
            return await table.OldestVersionAsync(cancellationToken);
        }
    }

    private Task MarkAsync(Run run, CancellationToken cancellationToken) =>
        holds.PutAsync(run.Table, new TableHold(run.Mark, run.TableId, long.MaxValue, clock.GetUtcNow() + MarkFor), cancellationToken);

    private sealed record Run(TableName Table, string TableId, string Mark, DateTimeOffset Before, DateTimeOffset UncommittedBefore);
}
