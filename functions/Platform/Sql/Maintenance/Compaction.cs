using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Tables;
using DataPlatform.Tables.Maintenance;

namespace DataPlatform.Sql.Maintenance;

/// <summary>
/// Brings the small files of a table together, some at a time, each time in one commit that changes no data. Rows stay in their order unless they
/// are to be sorted, and keep their system columns. Appends and merges go on meanwhile: a merge into one of the files wins, and what is left is
/// looked at anew.
/// </summary>
public sealed class Compaction(DeltaTables tables, SqlEngine engine, ParquetStage stage, IEnumerable<FilesRewritten> followers)
{
    private const int MaxConflicts = 20;

    // So far may a file that is made grow beyond the files it is made of.
    private const int Slack = 4;

    private readonly FileRewriter _rewriter = new(engine, stage, followers);

    /// <summary>What <see cref="RunAsync"/> would begin with.</summary>
    /// <exception cref="TerminalException"><c>TableNotFound</c>, <c>UnknownColumn</c>, <c>UnsupportedType</c>.</exception>
    public async Task<CompactionResult> TryAsync(TableName name, CompactionOptions options, CancellationToken cancellationToken)
    {
        var bins = CompactionPlan.Of(await SnapshotAsync(name, options, cancellationToken), options);
        return new CompactionResult(bins.Count, null, bins.Sum(bin => bin.Files.Count), bins.Sum(bin => bin.Bytes), null, null, More: false);
    }

    /// <param name="operationId">Names the work; commits carry it with a number of their own behind a slash. Again with the same id, it goes on
    /// with what is left.</param>
    /// <param name="since">The table version at which the work began.</param>
    /// <returns>What the commits of this id did so far.</returns>
    /// <inheritdoc cref="TryAsync"/>
    public async Task<CompactionResult> RunAsync(
        TableName name, CompactionOptions options, string operationId, long since, CancellationToken cancellationToken)
    {
        var table = tables.Get(name);
        var conflicts = 0;
        var bytes = 0L;
        var left = true;
        while (left && bytes < options.BytesAtOnce)
        {
            var snapshot = await SnapshotAsync(name, options, cancellationToken);
            left = false;
            foreach (var bin in CompactionPlan.Of(snapshot, options))
            {
                left = true;
                if (bytes >= options.BytesAtOnce)
                    break;
                var change = await RewriteAsync(snapshot, bin, options, cancellationToken);
                try
                {
                    FaultPoint.Pass("before-compaction-commit");
                    await table.CommitAsync(change with { OperationId = IdOf(operationId, bin), SinceVersion = snapshot.Version }, cancellationToken);
                    FaultPoint.Pass("after-compaction-commit");
                    bytes += bin.Bytes;
                }
                catch (CommitConflictException) when (++conflicts < MaxConflicts)
                {
                    // Somebody rewrote one of the files. What was written is in no commit, and goes with a vacuum.
                    break;
                }
            }
        }

        return await SumAsync(table, operationId, since, left, cancellationToken);
    }

    private async Task<Snapshot> SnapshotAsync(TableName name, CompactionOptions options, CancellationToken cancellationToken)
    {
        var snapshot = await tables.Get(name).TryGetSnapshotAsync(null, cancellationToken)
            ?? throw new TerminalException(FailureKind.NotFound, "TableNotFound", $"Table '{name}' has no data yet.", "table");
        if (options.SortBy.FirstOrDefault(column => snapshot.Columns.All(known => known.Name != column) || snapshot.PartitionColumns.Contains(column)) is { } unknown)
        {
            throw new TerminalException(
                FailureKind.Invalid, "UnknownColumn", $"Table '{name}' cannot be sorted by '{unknown}': it has no such column in its files.", "sortBy");
        }

        RewrittenTypes.Ensure(snapshot);
        return snapshot;
    }

    private async Task<TableChange> RewriteAsync(Snapshot snapshot, CompactionBin bin, CompactionOptions options, CancellationToken cancellationToken)
    {
        var added = await _rewriter.RewriteAsync(
            snapshot,
            snapshot.Columns,
            bin.Files,
            new ParquetOptions { FileBytes = options.TargetBytes * Slack, SortBy = options.SortBy },
            "compact",
            options.SortBy.Count == 0 ? null : new Dictionary<string, string?> { [CompactionPlan.SortedBy] = string.Join(',', options.SortBy) },
            cancellationToken);
        return new TableChange
        {
            Operation = "OPTIMIZE",
            Parameters = new Dictionary<string, string> { ["zOrderBy"] = "[]", ["sortBy"] = string.Join(',', options.SortBy) },
            Columns = snapshot.Columns,
            Add = added,
            Remove = [.. bin.Files.Select(file => file.Path)],
            DataChange = false,
            ReadVersion = snapshot.Version,
            ReadFiles = [],
        };
    }

    // The same files give the same id, so that a repeated commit finds itself behind the version it was computed from; after a conflict they are others. Further
    // back is what a restore undid.
    private static string IdOf(string operationId, CompactionBin bin)
    {
        var paths = string.Join('\n', bin.Files.Select(file => file.Path));
        return $"{operationId}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(paths)).AsSpan(0, 8))}";
    }

    private static async Task<CompactionResult> SumAsync(DeltaTable table, string operationId, long since, bool more, CancellationToken cancellationToken)
    {
        var sum = new CompactionResult(0, null, 0, 0, 0, 0, more);
        await foreach (var commit in table.ReadCommitsAsync(since, null, cancellationToken))
        {
            if (commit.OperationId?.StartsWith($"{operationId}/", StringComparison.Ordinal) != true)
                continue;
            sum = sum with
            {
                Commits = sum.Commits + 1,
                Version = commit.Version,
                FilesRemoved = sum.FilesRemoved + commit.Removed.Count,
                BytesRemoved = sum.BytesRemoved + commit.Removed.Sum(file => file.Size),
                FilesAdded = sum.FilesAdded + commit.Added.Count,
                BytesAdded = sum.BytesAdded + commit.Added.Sum(file => file.Size),
            };
        }

        return sum;
    }
}
