using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Ingestion.Values;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Commits loaded batches as their dataset's write disposition has it. A batch that is in the log already, from an earlier
/// attempt, is not committed again.</summary>
internal sealed class BatchCommitter(DeltaTables tables, TableMerge merge, WindowedAppend windowed)
{
    private const int MaxMerges = 20;

    // Commits of one process that depend on what is there take turns at a table: at once, all but one would be computed in vain, again and again.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);

    /// <returns>The commit that holds the batch, and the batch as it holds it.</returns>
    public async Task<(Commit Commit, CommittedBatch Batch)> CommitAsync(
        DatasetDefinition definition, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        var table = tables.Get(new TableName(TableKind.Dataset, claim.Dataset));
        var change = ChangeOf(claim, load);
        var commit = definition.WriteDisposition switch
        {
            WriteDisposition.Append when load.Window is not null => await InTurnAsync(
                claim, () => windowed.CommitAsync(table, claim, load, change, cancellationToken), cancellationToken),
            WriteDisposition.Append => await table.CommitAsync(change, cancellationToken),
            // A file of nothing but broken rows has nothing to put in place of what is there. An empty one says that nothing is to be there.
            WriteDisposition.Replace => await table.CommitAsync(
                change with { RemoveAll = load.Batch.Loaded > 0 || load.Batch.Received == 0 }, cancellationToken),
            _ => await InTurnAsync(claim, () => MergeAsync(table, definition, claim, load, change, cancellationToken), cancellationToken),
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
        var change = ChangeOf(claim, load);
        var commit = definition.WriteDisposition == WriteDisposition.Merge
            ? await MergeIntoAsync(table, snapshot, definition, claim, load, change, cancellationToken)
            : await table.CommitAsync(change with { ReadVersion = snapshot?.Version ?? -1 }, cancellationToken);
        return (commit, commit.Batches.First(batch => batch.Id == claim.Id));
    }

    /// <summary>Commits rows out of quarantine, if no others were taken out of the dataset's since a version.</summary>
    /// <param name="snapshot">The version that the rows were chosen at.</param>
    /// <exception cref="CommitConflictException">Others were, or what was merged into or replaced has changed: choose again.</exception>
    public async Task<(Commit Commit, CommittedBatch Batch)> CommitReplayAsync(
        Snapshot snapshot, DatasetDefinition definition, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        var table = tables.Get(new TableName(TableKind.Dataset, claim.Dataset));
        var change = ChangeOf(claim, load) with { SinceVersion = snapshot.Version, Transactions = QuarantineLog.Transaction(snapshot.Version) };
        var commit = definition.WriteDisposition switch
        {
            WriteDisposition.Append when load.Window is not null => await InTurnAsync(
                claim, () => windowed.CommitAsync(table, claim, load, change, cancellationToken), cancellationToken),
            WriteDisposition.Append => await table.CommitAsync(change, cancellationToken),
            WriteDisposition.Replace => await table.CommitAsync(change with { ReadVersion = snapshot.Version }, cancellationToken),
            _ => await InTurnAsync(claim, () => MergeIntoAsync(table, snapshot, definition, claim, load, change, cancellationToken), cancellationToken),
        };
        return (commit, commit.Batches.First(batch => batch.Id == claim.Id));
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
        AllowNewColumns = true,
        SinceVersion = claim.TableVersion,
        Batches = [load.Batch],
    };

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
        DeltaTable table, DatasetDefinition definition, BatchClaim claim, BatchLoad load, TableChange change, CancellationToken cancellationToken)
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

            try
            {
                return await MergeIntoAsync(table, target, definition, claim, load, change, cancellationToken);
            }
            catch (CommitConflictException) when (tries < MaxMerges)
            {
                // Somebody changed the table: merge into what it is now. The files written in vain are in no commit.
            }
        }
    }

    private async Task<Commit> MergeIntoAsync(
        DeltaTable table, Snapshot? target, DatasetDefinition definition, BatchClaim claim, BatchLoad load, TableChange change,
        CancellationToken cancellationToken)
    {
        var merged = await merge.MergeAsync(
            table.Name, target, load.Columns, load.Files, definition.Key, StoredColumn.Row.Name,
            $"merge-{BatchId.ShortOf(claim.Id)}-{claim.Attempt}", cancellationToken);
        await windowed.CarryAsync(table.Name, target, merged, claim, load, cancellationToken);
        var batch = load.Batch with { Loaded = load.Batch.Loaded - merged.Superseded, Duplicate = load.Batch.Duplicate + merged.Superseded };
        return await table.CommitAsync(
            change with
            {
                Operation = "MERGE",
                ReadVersion = merged.ReadVersion,
                Columns = merged.Columns,
                Add = merged.Add,
                Remove = merged.Remove,
                Batches = [batch],
                Extra = new JsonObject { [Ledger.UpdatedMember] = merged.Updated },
            },
            cancellationToken);
    }
}
