using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Ingestion.Values;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Commits loaded batches as their dataset's write disposition has it. A batch that is in the log already, from an earlier
/// attempt, is not committed again.</summary>
internal sealed class BatchCommitter(DeltaTables tables, TableMerge merge, WindowedAppend windowed, PartRewriter rewriter)
{
    /// <summary>Of failures to commit: columns do not fit the table's.</summary>
    public const string Mismatch = "SchemaMismatch";

    private const int MaxMerges = 20;

    // Commits of one process that depend on what is there take turns at a table: at once, all but one would be computed in vain, again and again.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <returns>The commit that holds the batch, and the batch as it holds it.</returns>
    public async Task<(Commit Commit, CommittedBatch Batch)> CommitAsync(
        DatasetDefinition definition, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        var table = tables.Get(new TableName(TableKind.Dataset, claim.Dataset));
        var commit = definition.WriteDisposition switch
        {
            WriteDisposition.Append when load.Window is not null => await InTurnAsync(
                claim, () => windowed.CommitAsync(table, claim, load, ChangeOf(claim, load), cancellationToken), cancellationToken),
            WriteDisposition.Append => await AppendAsync(table, claim, load, change => change, cancellationToken),
            WriteDisposition.Replace => await ReplaceAsync(table, claim, load, cancellationToken),
            _ => await InTurnAsync(claim, () => MergeAsync(table, definition, claim, load, cancellationToken), cancellationToken),
        };
        return (commit, commit.Batches.First(batch => batch.Id == claim.Id));
    }

    /// <summary>Commits on top of one version of the table, or not at all.</summary>
    /// <param name="snapshot">Null when there is no table.</param>
    /// <exception cref="CommitConflictException">The table has changed since.</exception>
    public async Task<(Commit Commit, CommittedBatch Batch)> CommitOnAsync(
        Snapshot? snapshot, DatasetDefinition definition, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        var table = tables.Get(new TableName(TableKind.Dataset, claim.Dataset));
        load = await rewriter.FitAsync(table.Name, claim, load, cancellationToken);
        var commit = definition.WriteDisposition == WriteDisposition.Merge
            ? await MergeIntoAsync(table, snapshot, definition, claim, load, ChangeOf(claim, load), cancellationToken)
            : await table.CommitAsync(ChangeOf(claim, load) with { ReadVersion = snapshot?.Version ?? -1 }, cancellationToken);
        return (commit, commit.Batches.First(batch => batch.Id == claim.Id));
    }

    /// <summary>Commits rows out of quarantine, if no others were taken out of the dataset's since a version.</summary>
    /// <param name="snapshot">The version that the rows were chosen at.</param>
    /// <exception cref="CommitConflictException">Others were, or what was merged into or replaced has changed: choose again.</exception>
    public async Task<(Commit Commit, CommittedBatch Batch)> CommitReplayAsync(
        Snapshot snapshot, DatasetDefinition definition, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        var table = tables.Get(new TableName(TableKind.Dataset, claim.Dataset));
        var commit = definition.WriteDisposition switch
        {
            WriteDisposition.Append when load.Window is not null => await InTurnAsync(
                claim, () => windowed.CommitAsync(table, claim, load, Taking(ChangeOf(claim, load)), cancellationToken), cancellationToken),
            WriteDisposition.Append => await AppendAsync(table, claim, load, Taking, cancellationToken),
            WriteDisposition.Replace => await AppendAsync(table, claim, load, change => Taking(change) with { ReadVersion = snapshot.Version }, cancellationToken),
            _ => await InTurnAsync(
                claim,
                async () =>
                {
                    load = await FitAsync(table, snapshot, claim, load, cancellationToken);
                    return await MergeIntoAsync(table, snapshot, definition, claim, load, Taking(ChangeOf(claim, load)), cancellationToken);
                },
                cancellationToken),
        };
        return (commit, commit.Batches.First(batch => batch.Id == claim.Id));

        TableChange Taking(TableChange change) =>
            change with { SinceVersion = snapshot.Version, Transactions = QuarantineLog.Transaction(snapshot.Version) };
    }

    /// <returns>The commit that an earlier attempt made, or null.</returns>
    public async Task<(Commit Commit, CommittedBatch Batch)?> FindAsync(BatchClaim claim, CancellationToken cancellationToken)
    {
        var table = tables.Get(new TableName(TableKind.Dataset, claim.Dataset));
        await foreach (var commit in table.ReadCommitsAsync(claim.TableVersion, null, cancellationToken))
        {
            if (commit.Batches.FirstOrDefault(batch => batch.Id == claim.Id) is { } batch)
                return (commit, batch);
        }

        return null;
    }

    private static TableChange ChangeOf(BatchClaim claim, BatchLoad load) => new()
    {
        Operation = "WRITE",
        Columns = load.Columns,
        Add = load.Files,
        PartitionColumns = load.Division,
        AllowNewColumns = true,
        SinceVersion = claim.TableVersion,
        Batches = [load.Batch],
        Transactions = load.Transactions,
    };

    /// <summary>Adds the rows, written anew when the table was made or replaced with another division, or its columns were widened, while they were read.</summary>
    private async Task<Commit> AppendAsync(
        DeltaTable table, BatchClaim claim, BatchLoad load, Func<TableChange, TableChange> with, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            load = await rewriter.FitAsync(table.Name, claim, load, cancellationToken);
            try
            {
                return await table.CommitAsync(with(ChangeOf(claim, load)), cancellationToken);
            }
            catch (Exception conflict) when (tries < MaxMerges && conflict is CommitConflictException or TerminalException { Code: Mismatch })
            {
                if (await table.TryGetSnapshotAsync(null, cancellationToken) is not { } now
                    || (load.For(now) is { IsNarrow: false } same && same.Division.SequenceEqual(load.Division)))
                {
                    throw;
                }

                load = load.For(now);
            }
        }
    }

    private async Task<Commit> ReplaceAsync(DeltaTable table, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        // A file of nothing but broken rows has nothing to put in place of what is there. An empty one says that nothing is to be there.
        var replaces = load.Batch.Loaded > 0 || load.Batch.Received == 0;
        load = await rewriter.FitAsync(table.Name, claim, load, cancellationToken);
        var change = ChangeOf(claim, load);
        return await table.CommitAsync(replaces ? change with { RemoveAll = true } : change with { PartitionColumns = null }, cancellationToken);
    }

    private async Task<Commit> InTurnAsync(BatchClaim claim, Func<Task<Commit>> commit, CancellationToken cancellationToken)
    {
        var turn = _turns.GetOrAdd(claim.Dataset, _ => new SemaphoreSlim(1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await commit();
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<Commit> MergeAsync(
        DeltaTable table, DatasetDefinition definition, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            Snapshot? target;
            if (load.Window is null)
            {
                target = await table.TryGetSnapshotAsync(null, cancellationToken);
            }
            else
            {
                (var known, load) = await windowed.AdvanceAsync(table, claim, load, keysLiveOn: true, cancellationToken);
                if (known is not null)
                    return known;
                target = load.Window!.Version < 0 ? null : await table.TryGetSnapshotAsync(load.Window.Version, cancellationToken);
            }

            load = await FitAsync(table, target, claim, load, cancellationToken);
            try
            {
                return await MergeIntoAsync(table, target, definition, claim, load, ChangeOf(claim, load), cancellationToken);
            }
            catch (CommitConflictException) when (tries < MaxMerges)
            {
                // Somebody changed the table: merge into what it is now. The files written in vain are in no commit.
            }
        }
    }

    /// <summary>Files of many partitions are left to the merge, which chooses among their rows.</summary>
    private async Task<BatchLoad> FitAsync(DeltaTable table, Snapshot? target, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken) =>
        target is not null && load.For(target) is { IsNarrow: true } narrow ? await rewriter.FitAsync(table.Name, claim, narrow, cancellationToken) : load;

    private async Task<Commit> MergeIntoAsync(
        DeltaTable table, Snapshot? target, DatasetDefinition definition, BatchClaim claim, BatchLoad load, TableChange change,
        CancellationToken cancellationToken)
    {
        var division = target?.PartitionColumns ?? load.Division;
        var merged = await merge.MergeAsync(
            table.Name, target, load.Columns, load.Files, deletes: [], definition.Key, StoredColumn.Row.Name, division, keysDiffer: false,
            $"merge-{BatchId.ShortOf(claim.Id)}-{claim.Attempt}", cancellationToken);
        await windowed.CarryAsync(table.Name, target, merged, claim, load, cancellationToken);
        var batch = load.Batch with { Loaded = load.Batch.Loaded - merged.Superseded, Duplicate = load.Batch.Duplicate + merged.Superseded };
        var commit = await table.CommitAsync(
            change with
            {
                Operation = "MERGE",
                ReadVersion = merged.ReadVersion,
                Columns = merged.Columns,
                PartitionColumns = division,
                Add = merged.Add,
                Remove = merged.Remove,
                Batches = [batch],
                Extra = new JsonObject { [Ledger.UpdatedMember] = merged.Updated },
            },
            cancellationToken);
        if (division.Count > 0)
            await rewriter.DiscardAsync(table.Name, load.Files.Except(merged.Add), load.Window?.Keys ?? [], cancellationToken);
        return commit;
    }
}
