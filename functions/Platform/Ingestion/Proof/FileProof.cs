using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Catalog;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Proof;

/// <summary>Checks that commits added as many rows as their batches loaded: by what each file itself says it has, and in deep form by counting
/// each batch's rows in them.</summary>
public sealed class FileProof(IObjectStore objects, SqlEngine engine)
{
    private const int AtOnce = 8;

    internal static CheckNotes Files() => new("files", "commits", "files", "rows", "loaded", "filesGone");

    internal static CheckNotes Rows() => new("rows", "batches", "rows", "loaded");

    /// <param name="newest">What is in it has to be there; files that were removed since may be gone.</param>
    /// <param name="rows">Null when rows are not to be counted.</param>
    internal async Task CheckAsync(
        Snapshot newest, IReadOnlyList<ProvedCommit> commits, CheckNotes files, CheckNotes? rows, CancellationToken cancellationToken)
    {
        var live = newest.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        await using var session = rows is null ? null : await engine.OpenAsync(cancellationToken);
        var number = 0;
        foreach (var commit in commits)
        {
            var whole = await CheckFilesAsync(newest.Table, commit, live, files, cancellationToken);
            if (session is not null && whole && commit.Batches.Count > 0)
                await CountAsync(session, $"t{number++}", newest, commit, rows!, cancellationToken);
        }
    }

    /// <returns>Whether all files are there.</returns>
    private async Task<bool> CheckFilesAsync(
        TableName table, ProvedCommit proved, HashSet<string> live, CheckNotes notes, CancellationToken cancellationToken)
    {
        var commit = proved.Commit;
        var counts = new ConcurrentBag<long?>();
        await Parallel.ForEachAsync(
            commit.Added,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (file, token) => counts.Add(await RowsOfAsync(table, commit.Version, file, live, notes, token)));
        notes.Count("commits", 1);

        var loaded = commit.Batches.Sum(batch => batch.Loaded);
        notes.Count("loaded", loaded);
        if (counts.Any(count => count is null))
            return false;

        var added = counts.Sum(count => count!.Value);
        notes.Count("rows", added);
        if (commit.Operation != "MERGE")
        {
            if (loaded != added)
                notes.Differs(OnlyBatch(commit), commit.Version, Text($"Version {commit.Version} loaded {loaded} rows, but its files have {added}."));
        }
        else if (commit.Info[Ledger.UpdatedMember] is JsonValue value && value.TryGetValue<long>(out var updated) && added - proved.RemovedRows is { } more
            && more != loaded - updated)
        {
            // Merges write the rows anew that stay of a file, so only the difference can be compared.
            notes.Differs(OnlyBatch(commit), commit.Version, Text(
                $"Version {commit.Version} loaded {loaded} rows in place of {updated}, but the table has {more} more, not {loaded - updated}."));
        }

        return true;
    }

    private static string? OnlyBatch(Commit commit) => commit.Batches.Count == 1 ? commit.Batches[0].Id : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <returns>Null when the file is not there or not readable.</returns>
    private async Task<long?> RowsOfAsync(
        TableName table, long version, DataFile file, HashSet<string> live, CheckNotes notes, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await ParquetFooter.ReadRowsAsync(objects, DataFiles.Locate(table, file), file.Size, cancellationToken);
            notes.Count("files", 1);
            if (file.Statistics is { } statistics && statistics.Rows != rows)
                notes.Differs(null, version, Text($"The file '{file.Path}' has {rows} rows; the log says {statistics.Rows}."));
            return rows;
        }
        catch (ObjectNotFoundException)
        {
            notes.Count("filesGone", 1);
            if (live.Contains(file.Path))
                notes.Differs(null, version, $"The file '{file.Path}' is gone, but the table still needs it.");
        }
        catch (InvalidDataException fault)
        {
            notes.Differs(null, version, $"The file '{file.Path}' is damaged: {fault.Message}.");
        }

        return null;
    }

    private static async Task CountAsync(
        SqlSession session, string name, Snapshot newest, ProvedCommit proved, CheckNotes notes, CancellationToken cancellationToken)
    {
        var commit = proved.Commit;
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        if (commit.Added.Count > 0)
        {
            await session.MountAsync(
                name, newest, new MountOptions { Files = commit.Added, SystemColumns = true, DeletedRows = true }, cancellationToken);
            foreach (var (batch, count) in await session.ReadAsync(
                $"SELECT {SystemColumns.Batch}, count(*) FROM {name} WHERE {SystemColumns.Batch} IS NOT NULL GROUP BY ALL",
                [],
                reader => (reader.GetString(0), reader.GetInt64(1)),
                cancellationToken))
            {
                counts[batch] = count;
            }
        }

        foreach (var batch in proved.Batches)
        {
            var count = counts.GetValueOrDefault(batch.Id);
            notes.Count("batches", 1);
            notes.Count("rows", count);
            notes.Count("loaded", batch.Loaded);
            if (count != batch.Loaded)
                notes.Differs(batch.Id, commit.Version, Text($"It loaded {batch.Loaded} rows, but the files of its commit have {count} of it."));
        }
    }
}
