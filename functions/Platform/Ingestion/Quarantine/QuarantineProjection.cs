using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>
/// Keeps the index of the quarantine up to the logs of dataset tables: what each batch has there, by cause, and what was replayed or dismissed of it.
/// Requests that load data do not wait for it; who reads the index brings it up first, and a timer does for all others.
/// </summary>
public sealed class QuarantineProjection : IDatasetProjection
{
    private const string Name = "quarantine";

    private readonly IObjectStore _objects;
    private readonly TableProjector _projector;
    private readonly QuarantineIndex _index;

    public QuarantineProjection(IRowStore rows, IObjectStore objects, TableProjector projector)
    {
        _objects = objects;
        _projector = projector;
        _index = new QuarantineIndex(rows, objects);
    }

    /// <summary>Does nothing for requests, which name the version they wait for.</summary>
    public Task<long> AdvanceAsync(string dataset, long? upTo, CancellationToken cancellationToken) =>
        upTo is null ? CatchUpAsync(dataset, null, cancellationToken) : Task.FromResult(-1L);

    /// <inheritdoc cref="IDatasetProjection.AdvanceAsync"/>
    internal Task<long> CatchUpAsync(string dataset, long? upTo, CancellationToken cancellationToken) =>
        _projector.AdvanceAsync(new TableName(TableKind.Dataset, dataset), Name, upTo, ProjectAsync, cancellationToken);

    private async Task ProjectAsync(Snapshot snapshot, Commit commit, CancellationToken cancellationToken)
    {
        var dataset = snapshot.Table.Name;
        foreach (var batch in commit.Batches.Where(batch => batch is { Quarantined: > 0, Quarantine: not null }))
            await CountAsync(dataset, First(batch, commit), cancellationToken);

        HashSet<string> touched = [];
        foreach (var batch in commit.Batches.Where(batch => batch.Parent is not null))
        {
            await _index.AddAsync(dataset, new TakenRows(
                batch.Parent!, batch.Id, true, batch.Received, batch.ParentRows?.Ranges, batch.ParentRows?.Object, null, commit.Version, commit.Timestamp), cancellationToken);
            touched.Add(batch.Parent!);
        }

        foreach (var rows in QuarantineLog.DismissedBy(commit))
        {
            await _index.AddAsync(dataset, new TakenRows(
                rows.Batch, rows.Id, false, rows.Count, rows.Ranges, rows.Object, rows.Reason, commit.Version, commit.Timestamp), cancellationToken);
            touched.Add(rows.Batch);
        }

        FaultPoint.Pass("before-quarantine-index");
        foreach (var batch in touched)
            await CountAsync(dataset, await _index.FindAsync(dataset, batch, cancellationToken), cancellationToken);
    }

    private static QuarantinedBatch First(CommittedBatch batch, Commit commit) => new()
    {
        Id = batch.Id,
        Quarantined = batch.Quarantined,
        File = batch.Quarantine,
        FileRange = batch.QuarantineRange,
        ContentType = batch.ContentType,
        DefinitionVersion = batch.DefinitionVersion,
        Started = batch.Started,
        Committed = commit.Timestamp,
        TableVersion = commit.Version,
        CountedVersion = commit.Version,
    };

    /// <param name="batch">Null for a batch older than the log, of which nothing is known.</param>
    private async Task CountAsync(string dataset, QuarantinedBatch? batch, CancellationToken cancellationToken)
    {
        if (batch is null)
            return;
        var stored = await _index.UpdateAsync(
            dataset,
            batch.Id,
            async (present, token) =>
            {
                var taken = await _index.TakenAsync(dataset, batch.Id, token);
                var counted = (present ?? batch) with
                {
                    Replayed = taken.Where(some => some.IsReplay).Sum(some => some.Count),
                    Dismissed = taken.Where(some => !some.IsReplay).Sum(some => some.Count),
                    CountedVersion = Math.Max(batch.TableVersion, taken.Select(some => some.TableVersion).DefaultIfEmpty(-1).Max()),
                };
                return counted with { Causes = counted.Open > 0 ? await CausesAsync(counted, taken, token) : [] };
            },
            cancellationToken);
        if (stored.Open < stored.Quarantined)
            await _index.NoteTakenAsync(dataset, stored, cancellationToken);
    }

    private async Task<IReadOnlyList<BatchCause>> CausesAsync(QuarantinedBatch batch, IReadOnlyList<TakenRows> taken, CancellationToken cancellationToken)
    {
        if (batch.File is null)
            return [];
        var open = await _index.OpenAsync(taken, cancellationToken);
        var tally = new CauseTally(batch.Id);
        try
        {
            await using var file = await _objects.OpenReadAsync(LakePath.Parse(batch.File), batch.FileRange, cancellationToken);
            await foreach (var row in QuarantineLines.ReadAsync(file, cancellationToken))
            {
                if (open.Contains(row.Number))
                    tally.Add(row.Number, row.Line, row.Errors);
            }
        }
        catch (ObjectNotFoundException)
        {
            // Somebody removed the file. The rows stay counted; why they are there is not known any more.
            return [];
        }

        return tally.ToList();
    }
}
