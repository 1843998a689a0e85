using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>
/// Checks rows in quarantine again and loads those that pass, as batches whose parent is the one they came with. Which rows a commit takes stands in
/// it, and a commit stands only on what others have taken before, so no row is taken twice. Steps may run again at any time: the batch's id follows from replay and
/// parent, and the log is asked for it first.
/// </summary>
public sealed class QuarantineReplayer
{
    private const int MaxTries = 100;
    private const long DryRunRows = 1_000_000;
    private static readonly TimeSpan DryRunTime = TimeSpan.FromSeconds(45);

    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly ReplayPlanner _planner;
    private readonly ReplayStore _store;
    private readonly QuarantineProjection _projection;
    private readonly DatasetProjections _projections;
    private readonly QuarantineIndex _index;
    private readonly ReplayLoader _loader;
    private readonly BatchCommitter _committer;
    private readonly TimeProvider _clock;
    private readonly ILogger<QuarantineReplayer> _logger;

    public QuarantineReplayer(
        IObjectStore objects,
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        TableMerge merge,
        WindowedAppend windowed,
        PartRewriter rewriter,
        KeyFiles keyFiles,
        ReplayPlanner planner,
        ReplayStore store,
        QuarantineProjection projection,
        DatasetProjections projections,
        IngestionLimits limits,
        TimeProvider clock,
        IOptions<PlatformOptions> options,
        ILogger<QuarantineReplayer> logger)
    {
        _catalog = catalog;
        _tables = tables;
        _planner = planner;
        _store = store;
        _projection = projection;
        _projections = projections;
        _index = new QuarantineIndex(rows, objects);
        _loader = new ReplayLoader(objects, keyFiles, limits, options.Value.EventWindow);
        _committer = new BatchCommitter(tables, merge, windowed, rewriter);
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Reads a request, without doing anything about it.</summary>
    /// <exception cref="TerminalException"><c>InvalidReplay</c>.</exception>
    public static ReplayRequest Read(string dataset, ReadOnlyMemory<byte> document) => QuarantineDocument.ReadReplay(dataset, document);

    /// <summary>Says what a replay would do, and stores nothing.</summary>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidPatch</c>.</exception>
    public async Task<ReplayReport> TryAsync(string dataset, ReplayRequest request, CancellationToken cancellationToken)
    {
        var plan = await _planner.CreateAsync(dataset, request.Patch, cancellationToken);
        await _projection.CatchUpAsync(dataset, null, cancellationToken);
        var snapshot = await TableOf(dataset).TryGetSnapshotAsync(null, cancellationToken);
        var result = ReplayCounts.None;
        List<ReplayedBatch> batches = [];
        var begun = _clock.GetTimestamp();
        var left = DryRunRows;
        await foreach (var batch in _index.SelectAsync(dataset, request, cancellationToken))
        {
            if (left <= 0 || batches.Count == QuarantineSelection.MaxBatches || _clock.GetElapsedTime(begun) > DryRunTime)
            {
                result = result with { Whole = false };
                break;
            }

            (long Loaded, long Duplicate, long Discarded) fates = default;
            var counts = await GuardAsync(batch, request, async () =>
            {
                var tally = await _loader.ScanAsync(
                    await PrepareAsync(dataset, batch, plan, request, request.Patch?.DefinitionVersion is not null, snapshot!, cancellationToken), left, cancellationToken);
                fates = tally.Fates;
                return tally.ToCounts();
            });
            left -= counts.Selected;
            result = result.Plus(counts);
            batches.Add(new ReplayedBatch(batch.Id, null, fates.Loaded, fates.Duplicate, fates.Discarded, null, counts));
        }

        return new ReplayReport(null, dataset, ReplayStatus.Succeeded, request.Patch, result, batches, null, null, null);
    }

    /// <summary>Stores what was asked for; its orchestration is to be scheduled next.</summary>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidPatch</c>; <c>IdempotencyKeyReused</c>.</exception>
    public async Task<Replay> CreateAsync(
        string dataset, ReplayRequest request, ReadOnlyMemory<byte> document, string caller, string? key, CancellationToken cancellationToken)
    {
        BatchService.CheckKey(key);
        var plan = await _planner.CreateAsync(dataset, request.Patch, cancellationToken);

        // What the contract is now is what the rows are checked against, however long the replay takes.
        var pinned = request with { Patch = (request.Patch ?? new ReplayPatch()) with { DefinitionVersion = plan.DefinitionVersion } };
        return await _store.CreateAsync(
            dataset, caller, key, ReplayStore.HashOf(Encoding.UTF8.GetString(document.Span)),
            id => new Replay
            {
                Id = id,
                Dataset = dataset,
                Request = pinned,
                NamesVersion = request.Patch?.DefinitionVersion is not null,
                Caller = caller,
                Created = _clock.GetUtcNow(),
            },
            cancellationToken);
    }

    /// <exception cref="TerminalException"><c>ReplayNotFound</c>.</exception>
    public async Task<ReplayReport> GetAsync(string dataset, string id, CancellationToken cancellationToken)
    {
        var replay = await _store.GetAsync(dataset, id, cancellationToken);
        List<ReplayedBatch> batches = [.. (await _store.StepsAsync(dataset, id, cancellationToken)).Select(step => step.Result).OfType<ReplayedBatch>()];
        return new ReplayReport(
            id, dataset, replay.Status, replay.Request.Patch, batches.Aggregate(ReplayCounts.None, static (sum, batch) => sum.Plus(batch.Counts)), batches,
            replay.Created, replay.Ended, replay.Error);
    }

    /// <summary>Waits a while for a replay to end, for callers who would rather have one answer than poll.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public Task<ReplayReport> WaitAsync(string dataset, string id, TimeSpan atMost, CancellationToken cancellationToken) =>
        LongPoll.WaitAsync(() => GetAsync(dataset, id, cancellationToken), report => report.Ended is not null, atMost, _clock, cancellationToken);

    /// <summary>The first activity.</summary>
    /// <returns>The batches to work at; empty also when the replay has ended.</returns>
    public async Task<IReadOnlyList<string>> BeginAsync(string id, CancellationToken cancellationToken)
    {
        var dataset = DatasetOf(id);
        var replay = await _store.UpdateAsync(
            dataset, id, replay => replay.Status == ReplayStatus.NotStarted ? replay with { Status = ReplayStatus.Running } : replay, cancellationToken);
        await _store.ClearPendingAsync(id, cancellationToken);
        if (replay.HasEnded)
            return [];
        await _projection.CatchUpAsync(dataset, null, cancellationToken);
        List<string> batches = [];
        await foreach (var batch in _index.SelectAsync(dataset, replay.Request, cancellationToken))
        {
            batches.Add(batch.Id);
            if (batches.Count == QuarantineSelection.MaxBatches)
                break;
        }

        return batches;
    }

    /// <summary>The activity for one batch.</summary>
    /// <exception cref="TransientException">To be tried again.</exception>
    public async Task ReplayAsync(string id, string parent, CancellationToken cancellationToken)
    {
        var dataset = DatasetOf(id);
        var replay = await _store.GetAsync(dataset, id, cancellationToken);
        var plan = await _planner.CreateAsync(dataset, replay.Request.Patch, cancellationToken);
        var table = TableOf(dataset);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var snapshot = await table.TryGetSnapshotAsync(null, cancellationToken)
                ?? throw new TransientException($"The table of dataset '{dataset}' has just been removed.");
            var step = await _store.BeginStepAsync(dataset, id, parent, () => FirstStep(id, parent, dataset, snapshot.Version), cancellationToken);
            if (step.Result is not null)
                return;
            var claim = new BatchClaim(
                step.Batch, dataset, replay.Caller, null, null, step.Started, plan.DefinitionVersion, step.TableVersion, step.Attempt, "", step.Started);
            await _projection.CatchUpAsync(dataset, snapshot.Version, cancellationToken);
            if (await _index.FindAsync(dataset, parent, cancellationToken) is not { } batch)
                return;
            if (step.Attempt > 1 && await _committer.FindAsync(claim, cancellationToken) is { } found)
            {
                await EndAsync(replay, plan, batch, step, snapshot, found, null, cancellationToken);
                return;
            }

            BatchLoad? load = null;
            var counts = await GuardAsync(batch, replay.Request, async () =>
            {
                (load, var tally) = await _loader.LoadAsync(
                    claim, await PrepareAsync(dataset, batch, plan, replay.Request, replay.NamesVersion, snapshot, cancellationToken), cancellationToken);
                return tally.ToCounts();
            });
            if (load is null)
            {
                await EndAsync(replay, plan, batch, step, snapshot, null, counts, cancellationToken);
                return;
            }

            try
            {
                var committed = await _committer.CommitReplayAsync(snapshot, plan.Contract.Definition, claim, load, cancellationToken);
                FaultPoint.Pass("after-replay-commit");
                await EndAsync(replay, plan, batch, step, snapshot, committed, counts, cancellationToken);
                return;
            }
            catch (CommitConflictException)
            {
                // Somebody took rows out of quarantine, or changed what was merged into: look again. What was stored for this try is in no commit.
            }
        }

        throw new TransientException($"The quarantine of batch '{parent}' is changed again and again.");
    }

    /// <summary>The last activity.</summary>
    /// <param name="error">Why the replay did not come to its end; null when it did.</param>
    public async Task EndAsync(string id, RunFailure? error, CancellationToken cancellationToken)
    {
        var replay = await _store.UpdateAsync(
            DatasetOf(id), id,
            replay => replay.HasEnded
                ? replay
                : replay with { Status = error is null ? ReplayStatus.Succeeded : ReplayStatus.Failed, Error = error, Ended = _clock.GetUtcNow() },
            cancellationToken);
        Log.ReplayEnded(_logger, id, replay.Status);
    }

    private static string DatasetOf(string id) => BatchId.TryGetDataset(id, out var dataset)
        ? dataset
        : throw new TerminalException(FailureKind.NotFound, "ReplayNotFound", "There is no replay of this id.", "id");

    private DeltaTable TableOf(string dataset) => _tables.Get(new TableName(TableKind.Dataset, dataset));

    private ReplayStep FirstStep(string id, string parent, string dataset, long tableVersion)
    {
        var started = _clock.GetUtcNow();
        started = started.AddTicks(-(started.Ticks % TimeSpan.TicksPerMicrosecond));

        // An id of the time it started, as all have, whose other half follows from replay and parent.
        var own = BatchId.ShortOf(BatchId.Create(dataset, started));
        return new ReplayStep(parent, $"{dataset}-{own[..12]}7{ReplayStore.HashOf($"{id}\n{parent}")[..3]}8{ReplayStore.HashOf($"{parent}\n{id}")[..15]}", started, tableVersion, 1);
    }

    private async Task<ReplayWork> PrepareAsync(
        string dataset, QuarantinedBatch batch, ReplayPlan plan, QuarantineSelection selection, bool namesVersion, Snapshot snapshot, CancellationToken cancellationToken)
    {
        if (batch.File is null)
            throw new TerminalException(FailureKind.Gone, "QuarantineExpired", "The rows were removed after their time.");
        var own = (await _catalog.GetAsync<DatasetDefinition>(dataset, batch.DefinitionVersion, cancellationToken)).Definition;
        if (plan.Contract.Definition.WriteDisposition == WriteDisposition.Replace && await IsReplacedAsync(dataset, batch, snapshot, cancellationToken))
            throw new TerminalException(FailureKind.Unprocessable, "BatchReplaced", "A later batch has replaced the one that the rows came with.");
        var open = await _index.OpenAsync(await _index.TakenAsync(dataset, batch.Id, cancellationToken), cancellationToken);
        return new ReplayWork(batch, plan, ReplayFile.Of(batch, own, namesVersion ? plan.Contract.Definition : null), open, selection, snapshot);
    }

    private async Task<bool> IsReplacedAsync(string dataset, QuarantinedBatch batch, Snapshot snapshot, CancellationToken cancellationToken)
    {
        await foreach (var commit in TableOf(dataset).ReadCommitsAsync(batch.TableVersion, snapshot.Version, cancellationToken))
        {
            if (commit.Batches.Any(other => other.Parent is null && (other.Loaded > 0 || other.Received == 0)))
                return true;
        }

        return false;
    }

    /// <summary>What keeps a batch's rows from being replayed is told in the result; the other batches go on.</summary>
    private static async Task<ReplayCounts> GuardAsync(QuarantinedBatch batch, QuarantineSelection selection, Func<Task<ReplayCounts>> work)
    {
        try
        {
            return await work();
        }
        catch (ObjectNotFoundException)
        {
            return Refused(batch, selection, "The quarantine file is not there any more.");
        }
        catch (TerminalException refusal)
        {
            return Refused(batch, selection, refusal.Message);
        }
    }

    private static ReplayCounts Refused(QuarantinedBatch batch, QuarantineSelection selection, string reason)
    {
        var rows = selection.Cause is null ? batch.Open : batch.Causes.Where(cause => cause.Id == selection.Cause).Sum(cause => cause.Open);
        return new ReplayCounts(rows, 0, [], [new NotReplayable(reason, rows)], true);
    }

    private async Task EndAsync(
        Replay replay, ReplayPlan plan, QuarantinedBatch batch, ReplayStep step, Snapshot snapshot, (Commit Commit, CommittedBatch Batch)? committed, ReplayCounts? counts,
        CancellationToken cancellationToken)
    {
        if (committed is { } done)
        {
            await _projections.AdvanceAsync(replay.Dataset, done.Commit.Version, cancellationToken);
            await _projection.CatchUpAsync(replay.Dataset, done.Commit.Version, cancellationToken);
            if (counts is null)
            {
                // An earlier attempt committed. What stays is looked at once more.
                var left = await GuardAsync(batch, replay.Request, async () => (await _loader.ScanAsync(
                    await PrepareAsync(replay.Dataset, batch, plan, replay.Request, replay.NamesVersion, snapshot, cancellationToken), ReplayLoader.MaxRows, cancellationToken)).ToCounts());
                counts = left with { Selected = left.Selected + done.Batch.Received, Recovered = done.Batch.Received };
            }
        }

        FaultPoint.Pass("before-replay-result");
        var result = new ReplayedBatch(
            batch.Id, committed?.Batch.Id, committed?.Batch.Loaded ?? 0, committed?.Batch.Duplicate ?? 0, committed?.Batch.Discarded ?? 0, committed?.Commit.Version, counts!);
        await _store.EndStepAsync(replay.Dataset, replay.Id, step with { Result = result }, cancellationToken);
        Log.Replayed(_logger, replay.Id, batch.Id, counts!.Recovered, counts.Selected);
    }
}
