using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Commits a step's result in the place of rows of its target: overwrites the newest version or merges into it, again when another commit came between.</summary>
public sealed class StepReplacement(DeltaTables tables, TableMerge merge, StepStops stops)
{
    private const int MaxAttempts = 10;

    /// <exception cref="CommitConflictException">Another run was there before, or the table is never left alone.</exception>
    /// <exception cref="TerminalException"><c>DuplicateKey</c>, <c>StepTimedOut</c>.</exception>
    internal async Task<Commit> CommitAsync(
        string run,
        CompiledStep step,
        IReadOnlyList<StepPosition> positions,
        TableChange change,
        IReadOnlyList<DataFile> deletes,
        bool keysDiffer,
        CancellationToken cancellationToken)
    {
        var table = tables.Get(step.Target);
        for (var attempt = 1; ; attempt++)
        {
            // Work done before would find itself in the way, as rows to replace and as a run that came further: look first.
            await foreach (var commit in table.ReadCommitsAsync(change.SinceVersion, upTo: null, cancellationToken))
            {
                if (commit.OperationId == change.OperationId)
                    return commit;
            }

            var target = await table.TryGetSnapshotAsync(version: null, cancellationToken);
            if (target is not null && positions.Any(position => position.IsOvertaken(target)))
                throw new CommitConflictException(step.Target.Name, change.SinceVersion, target.Version);
            var attempted = step.Mode == StepMode.Merge && change.DataChange
                ? await MergeAsync(step, change.RemoveAll ? null : target, change, deletes, keysDiffer, cancellationToken)
                : change;
            if (change.RemoveAll)
                attempted = attempted with { ReadVersion = target?.Version ?? -1, Transactions = Restarted(target, step, change) };
            else if (step.Mode == StepMode.Append || !change.DataChange)
                attempted = attempted with { ReadVersion = target?.Version ?? -1, ReadFiles = [] };
            await stops.EnsureMayCommitAsync(run, step, cancellationToken);
            try
            {
                return await table.CommitAsync(attempted, cancellationToken);
            }
            catch (CommitConflictException) when (attempt < MaxAttempts)
            {
                // Once more, over what is there now.
            }
        }
    }

    /// <summary>Whoever replaces the target takes away what the pipeline's other steps wrote there too: they begin again.</summary>
    private static Dictionary<string, long> Restarted(Snapshot? target, CompiledStep step, TableChange change)
    {
        var pipeline = change.Extra!["pipeline"]!.GetValue<string>();
        var positions = new Dictionary<string, long>(change.Transactions, StringComparer.Ordinal);
        foreach (var (appId, version) in target?.Transactions ?? new Dictionary<string, long>())
        {
            var isOther = appId.StartsWith($"{pipeline}/", StringComparison.Ordinal) && !appId.StartsWith($"{pipeline}/{step.Name}/", StringComparison.Ordinal);
            if (isOther && version >= 0)
                positions.TryAdd(appId, -1);
        }

        return positions;
    }

    private async Task<TableChange> MergeAsync(
        CompiledStep step, Snapshot? target, TableChange change, IReadOnlyList<DataFile> deletes, bool keysDiffer, CancellationToken cancellationToken)
    {
        var prefix = change.OperationId!.Replace('/', '-');
        var merged = await merge.MergeAsync(
            step.Target, target, change.Columns, change.Add, deletes, step.Key, orderBy: null, step.PartitionBy, keysDiffer, prefix, cancellationToken);
        if (merged.Superseded > 0)
            throw new TerminalException(
                FailureKind.Unprocessable,
                "DuplicateKey",
                $"Step '{step.Name}' merges by {string.Join(", ", step.Key)}, but {merged.Superseded} rows of its result repeat a key: choose one row for each "
                + "key, for instance with QUALIFY row_number() OVER (PARTITION BY … ORDER BY …) = 1.",
                step.Name);

        if (merged.WrittenAndDeleted > 0 && step.OnSourceChange != SourceChange.Changes)
            throw new TerminalException(
                FailureKind.Unprocessable,
                "DuplicateKey",
                $"Step '{step.Name}' both writes and deletes {merged.WrittenAndDeleted} keys of {string.Join(", ", step.Key)} in one result: choose one row for each "
                + "key, for instance the last with QUALIFY row_number() OVER (PARTITION BY … ORDER BY … DESC) = 1.",
                step.Name);

        var extra = (JsonObject)change.Extra!.DeepClone();
        extra["rowsInserted"] = merged.Inserted;
        extra["rowsReplaced"] = merged.Updated;
        extra["rowsDeleted"] = merged.Deleted;
        return change with { Columns = merged.Columns, Add = merged.Add, Remove = merged.Remove, ReadVersion = merged.ReadVersion, Extra = extra };
    }
}
