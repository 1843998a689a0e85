using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Replays a proposed contract over the raw bytes of stored batches, beside the contract each was loaded under; stores nothing.</summary>
public sealed class ContractReplay(
    CatalogStore catalog, DeltaTables tables, ContractPlans plans, IObjectStore objects, ScratchFolder scratch, IngestionLimits limits)
{
    /// <summary>Batches that are replayed unless the request says otherwise.</summary>
    public const int DefaultBatches = 10;

    public const int MaxBatches = 100;

    /// <param name="document">The proposed contract.</param>
    /// <param name="batches">How many batches to replay at most: the newest.</param>
    /// <param name="from">Batches that started then or later.</param>
    /// <param name="to">Batches that started before.</param>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidDefinition</c>.</exception>
    public async Task<DryRun> RunAsync(
        string dataset, ReadOnlyMemory<byte> document, int batches, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken)
    {
        await catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        var proposed = await plans.CreateAsync(DefinitionParser.Parse<DatasetDefinition>(document, dataset), cancellationToken);
        var table = tables.Get(new TableName(TableKind.Dataset, dataset));
        var columns = (await table.TryGetSnapshotAsync(null, cancellationToken))?.Columns ?? [];
        var hidden = proposed.Definition.Fields.Where(field => field.Pii is not null).Select(field => field.InputName).ToHashSet(StringComparer.Ordinal);
        var changes = new RuleChanges(hidden);
        var hiddenColumns = ValueChanges.HiddenOf(proposed.Definition);
        var values = new ValueChanges(hiddenColumns);
        var replayed = new List<DryRunBatch>();
        var skipped = new List<SkippedBatch>();
        foreach (var batch in await FindAsync(table, columns.Count > 0, batches, from, to, cancellationToken))
        {
            var version = await PlanAsync(dataset, batch.DefinitionVersion, cancellationToken);
            if (WhyNot(batch, version) is { } reason)
            {
                skipped.Add(new SkippedBatch(batch.Id, reason));
                continue;
            }

            try
            {
                var own = new RuleChanges(hidden);
                var ownValues = new ValueChanges(hiddenColumns);
                replayed.Add(await ReplayAsync(batch, version!, proposed, columns, own, ownValues, cancellationToken));
                if (replayed[^1].Comparable)
                {
                    changes.Add(own);
                    values.Add(ownValues);
                }
            }
            catch (ObjectNotFoundException)
            {
                skipped.Add(new SkippedBatch(batch.Id, "Its raw bytes are not there any more."));
            }
            catch (TerminalException refusal)
            {
                skipped.Add(new SkippedBatch(batch.Id, $"It would be refused as a whole: {refusal.Message}"));
            }
        }

        return new DryRun(dataset, changes.NewlyLoaded, changes.NewlyBroken, values.Rows, changes.ToList(), values.ToList(), replayed, skipped);
    }

    private static async Task<IReadOnlyList<CommittedBatch>> FindAsync(
        DeltaTable table, bool exists, int count, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken)
    {
        var found = new Queue<CommittedBatch>();
        if (!exists || await table.TryGetSnapshotAsync(null, cancellationToken) is not { } snapshot)
            return [];
        await foreach (var commit in table.ReadCommitsAsync(snapshot.FirstVersion - 1, snapshot.Version, cancellationToken))
        {
            foreach (var batch in commit.Batches.Where(batch => (from is null || batch.Started >= from) && (to is null || batch.Started < to)))
            {
                found.Enqueue(batch);
                if (found.Count > count)
                    found.Dequeue();
            }
        }

        return [.. found.Reverse()];
    }

    private static string? WhyNot(CommittedBatch batch, ContractPlan? version) =>
        version is null ? $"The contract it was loaded under, version {batch.DefinitionVersion}, is not there or cannot be worked with any more."
        : batch.Service == RowCommitter.Service ? "It is a change of one key in the operational store, which is nothing without the row that was there."
        : batch.Parent is not null ? "Its rows were replayed out of quarantine: the batch they came with has their bytes."
        : version.Definition.Raw == RawPolicy.Redacted ? "Its contract keeps raw bytes 'redacted': what was left out cannot be judged again."
        : batch.Raw is null ? "Its contract keeps no raw bytes ('raw': 'none')."
        : null;

    private static string? EncodingOf(string raw) => Path.GetExtension(raw) switch
    {
        ".gz" => "gzip",
        ".zst" => "zstd",
        ".br" => "br",
        _ => null,
    };

    private async Task<ContractPlan?> PlanAsync(string dataset, long version, CancellationToken cancellationToken)
    {
        try
        {
            var entry = await catalog.GetAsync<DatasetDefinition>(dataset, version, cancellationToken);
            return await plans.GetAsync(entry.Definition, version, cancellationToken);
        }
        catch (TerminalException)
        {
            return null; // told in the answer
        }
    }

    private async Task<DryRunBatch> ReplayAsync(
        CommittedBatch batch, ContractPlan version, ContractPlan proposed, IReadOnlyList<TableColumn> columns, RuleChanges changes, ValueChanges values,
        CancellationToken cancellationToken)
    {
        var media = BatchMedia.Parse(batch.ContentType, EncodingOf(batch.Raw!));
        var path = LakePath.Parse(batch.Raw!);
        await using var oldBytes = await objects.OpenReadAsync(path, batch.RawRange, cancellationToken);
        await using var newBytes = await objects.OpenReadAsync(path, batch.RawRange, cancellationToken);
        await using var oldScan = new RowScan(version, columns, media, oldBytes, scratch, limits);
        await using var newScan = new RowScan(proposed, columns, media, newBytes, scratch, limits);
        var (before, after) = (new ReplayLane(oldScan), new ReplayLane(newScan));
        while (true)
        {
            var (old, next) = (await before.NextAsync(cancellationToken), await after.NextAsync(cancellationToken));
            if (old is null && next is null)
                break;
            if (old is not { } oldRow || next is not { } newRow)
                continue;
            changes.Add(batch.Id, oldRow, newRow);
            values.Add(batch.Id, oldRow, newRow);
        }

        var comparable = before.Counts.Received == after.Counts.Received;
        return new DryRunBatch(batch.Id, batch.Started, batch.DefinitionVersion, before.Counts, after.Counts,
            comparable ? changes.NewlyLoaded : 0, comparable ? changes.NewlyBroken : 0, comparable);
    }
}
