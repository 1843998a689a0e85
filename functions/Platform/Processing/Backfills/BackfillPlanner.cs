using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Processing.Backfills;

/// <summary>
/// Divides the rows of a source that a pipeline's steps have not read. A step's position is one version: what lies before it was read, and reading it again
/// would double rows or put old ones over newer ones; what were left out behind it would never be read. So a backfill begins at the position.
/// </summary>
public sealed class BackfillPlanner(CatalogStore catalog, PipelineCompiler compiler, DeltaTables tables, IOptions<PlatformOptions> options)
{
    private const int MaxSlices = 1000;

    /// <exception cref="TerminalException"><c>PipelineNotFound</c>; <c>InvalidBackfill</c>: no step reads the source as new rows, or there are too many
    /// slices; <c>BackfillNotPossible</c>; <c>BackfillRangeRead</c>, <c>BackfillRangeGap</c>: the range does not begin where the steps stand.</exception>
    public async Task<BackfillPlan> PlanAsync(string pipeline, BackfillRequest request, CancellationToken cancellationToken)
    {
        if (request.Parallelism > options.Value.BackfillParallelism)
            throw new TerminalException(
                FailureKind.Invalid, "InvalidBackfill", $"'parallelism' is {request.Parallelism}; at most {options.Value.BackfillParallelism} slices are computed side by side (setting 'BackfillParallelism').", "$.parallelism");
        var entry = await catalog.GetAsync<PipelineDefinition>(pipeline, cancellationToken);
        var compiled = await compiler.CompileAsync(entry.Definition, cancellationToken);
        var readers = compiled.Steps.Where(step => step.NewSources.Any(table => table.Name == request.Source)).ToList();
        if (readers.Count == 0)
            throw new TerminalException(FailureKind.Invalid, "InvalidBackfill", $"No step of '{pipeline}' reads 'new.{request.Source}': name a table that one does.", "$.source");
        if (compiled.Steps.FirstOrDefault(step => step.Sources.Any(table => table.Name == request.Source)) is { } whole)
            throw new TerminalException(
                FailureKind.Conflict, "BackfillNotPossible", $"Step '{whole.Name}' reads '{request.Source}' whole, and older versions of it would take rows away again: run the pipeline instead.", "$.source");

        var name = readers[0].NewSources.First(table => table.Name == request.Source);
        var table = tables.Get(name);
        var newest = await table.TryGetSnapshotAsync(version: null, cancellationToken)
            ?? throw new TerminalException(FailureKind.Conflict, "TableHasNoData", $"Table '{request.Source}' has no data yet: load some first.", "$.source");
        var after = long.MaxValue;
        foreach (var step in readers)
        {
            var target = await tables.Get(step.Target).TryGetSnapshotAsync(version: null, cancellationToken);
            after = Math.Min(after, target is null ? -1 : StepPosition.Find(target, $"{pipeline}/{step.Name}/{name.Name}/{newest.TableId}") ?? -1);
        }

        var upTo = request.To is { } to ? Math.Min(newest.Version, await LastAsync(table, to, cancellationToken)) : newest.Version;
        var first = request.From is { } from ? await FirstAsync(table, from, cancellationToken) : after + 1;
        if (first <= after || upTo <= after)
            throw new TerminalException(
                FailureKind.Conflict,
                "BackfillRangeRead",
                $"The steps of '{pipeline}' have read '{request.Source}' up to version {after}: reading it again would double its rows or put old ones over newer ones. "
                + "Leave out what was read, or compute everything anew with a run with \"fullRefresh\".",
                "$.from");
        if (first > after + 1)
            throw new TerminalException(
                FailureKind.Conflict,
                "BackfillRangeGap",
                $"The steps of '{pipeline}' have read '{request.Source}' up to version {after}: versions {after + 1} to {first - 1} would never be read. Leave 'from' out.",
                "$.from");
        return new BackfillPlan(pipeline, entry.Version, request.Source, await SlicesAsync(table, after, upTo, request, cancellationToken))
        {
            Parallelism = request.Parallelism,
            Whole = [.. compiled.Steps.SelectMany(step => step.Sources).Distinct().Where(read => !compiled.Steps.Any(step => step.Target == read))],
        };
    }

    private static async Task<IReadOnlyList<BackfillSlice>> SlicesAsync(
        DeltaTable table, long after, long upTo, BackfillRequest request, CancellationToken cancellationToken)
    {
        List<BackfillSlice> slices = [];
        DateTimeOffset? began = null;
        await foreach (var commit in table.ReadCommitsAsync(after, upTo, cancellationToken))
        {
            var isNext = began is null || (request.SliceVersions > 0
                ? commit.Version - slices[^1].After > request.SliceVersions
                : commit.Timestamp - began >= request.SliceTime);
            if (isNext)
            {
                slices.Add(new BackfillSlice(commit.Version - 1, commit.Version, 0, 0));
                began = commit.Timestamp;
            }

            var rows = commit.DataChange ? commit.Added.Sum(file => file.Statistics?.Rows ?? 0) : 0;
            slices[^1] = slices[^1] with { UpTo = commit.Version, Batches = slices[^1].Batches + commit.Batches.Count, Rows = slices[^1].Rows + rows };
        }

        return slices.Count <= MaxSlices ? slices : throw new TerminalException(
            FailureKind.Invalid, "InvalidBackfill", $"That makes {slices.Count} slices; at most {MaxSlices} are made: take longer ones.", "$.sliceBy");
    }

    private static async Task<long> LastAsync(DeltaTable table, string place, CancellationToken cancellationToken)
    {
        if (BackfillRequest.TryVersion(place, out var version))
            return version;
        BackfillRequest.TryTime(place, out var time);
        return await VersionAtAsync(table, time, cancellationToken);
    }

    private static async Task<long> FirstAsync(DeltaTable table, string place, CancellationToken cancellationToken)
    {
        if (BackfillRequest.TryVersion(place, out var version))
            return version;
        BackfillRequest.TryTime(place, out var time);
        return await VersionAtAsync(table, time - TimeSpan.FromTicks(1), cancellationToken) + 1;
    }

    private static async Task<long> VersionAtAsync(DeltaTable table, DateTimeOffset time, CancellationToken cancellationToken)
    {
        try
        {
            return await table.VersionAtAsync(time, cancellationToken);
        }
        catch (TerminalException early) when (early.Code == "TableVersionNotFound")
        {
            return -1;
        }
    }
}
