using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Values;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Batches;

/// <summary>
/// Commits batches of datasets whose keys count once within a window. What was decided while a batch was loaded holds for the version it was
/// decided on; each commit behind it is looked at for the batch's keys, and the commit stands only on the version looked at last.
/// </summary>
public sealed class WindowedAppend(KeyFiles keys, SqlEngine engine, ParquetStage stage, ILogger<WindowedAppend> logger)
{
    private const int MaxTries = 100;
    private const int RowsAtOnce = 5000;

    /// <returns>The commit that holds the batch, also when an earlier attempt made it.</returns>
    /// <exception cref="TransientException">Rows that the batch repeats were removed meanwhile, or too many others write: send it again.</exception>
    internal async Task<Commit> CommitAsync(
        DeltaTable table, BatchClaim claim, BatchLoad load, TableChange change, CancellationToken cancellationToken)
    {
        var window = load.Window!;
        for (var tries = 1; ; tries++)
        {
            List<DataFile> added = [];
            await foreach (var commit in table.ReadCommitsAsync(window.Version, null, cancellationToken))
            {
                if (commit.Batches.Any(batch => batch.Id == claim.Id))
                    return commit;
                window = window with { Version = commit.Version };

                if (!commit.DataChange)
                {
                    // It rearranges rows and brings no key that was not there; what is repeated may lie in its files now.
                    if (commit.Removed.Any(file => window.Sources.Contains(file.Path)))
                        window = window with { Sources = window.Sources.Union(commit.Added.Select(file => file.Path)).ToHashSet(StringComparer.Ordinal) };
                    continue;
                }

                if (commit.Removed.FirstOrDefault(file => window.Sources.Contains(file.Path)) is { } gone)
                    throw new TransientException($"Rows that this batch repeats were removed from table '{table.Name}' meanwhile (with the file '{gone.Path}'). Nothing was stored: send it again.");
                added.AddRange(commit.Added);
            }

            (load, window) = await DropAsync(table, load, window, claim, added, cancellationToken);
            try
            {
                return await table.CommitAsync(
                    change with { ReadVersion = window.Version, Add = load.Files, Batches = [load.Batch] }, cancellationToken);
            }
            catch (CommitConflictException) when (tries < MaxTries)
            {
                // Somebody changed the table: look at what that brought.
            }
        }
    }

    private async Task<(BatchLoad Load, LoadedWindow Window)> DropAsync(
        DeltaTable table, BatchLoad load, LoadedWindow window, BatchClaim claim, List<DataFile> added, CancellationToken cancellationToken)
    {
        HashSet<string> sources = [.. window.Sources];
        List<(PartKeys Part, HashSet<UInt128> Dropped)> touched = [];
        foreach (var part in window.Parts)
        {
            var marked = new bool[part.Hashes.Length];
            foreach (var file in await keys.MarkAsync(table.Name, added, window.Key, part.Hashes, marked, window.After, cancellationToken))
                sources.Add(file.Path);
            HashSet<UInt128> dropped = [.. part.Hashes.Where((_, i) => marked[i])];
            if (dropped.Count > 0)
                touched.Add((part, dropped));
        }

        if (touched.Count == 0)
            return (load, window);

        List<PartKeys> parts = [.. window.Parts.Except(touched.Select(item => item.Part))];
        foreach (var (part, dropped) in touched)
        {
            // A part that has nothing else is left out whole.
            if (dropped.Count < part.Hashes.Length)
                parts.AddRange(await RewriteAsync(table.Name, load, window.Key, part, dropped, claim, cancellationToken));
        }

        var rows = touched.Sum(item => item.Dropped.Count);
        Log.DuplicatesMet(logger, rows, claim.Id);
        var batch = load.Batch with { Loaded = load.Batch.Loaded - rows, Duplicate = load.Batch.Duplicate + rows };
        return (
            load with { Files = [.. parts.Select(part => part.File)], Batch = batch },
            window with { Sources = sources, Parts = parts });
    }

    private async Task<IReadOnlyList<PartKeys>> RewriteAsync(
        TableName table, BatchLoad load, KeyColumns key, PartKeys part, HashSet<UInt128> dropped, BatchClaim claim, CancellationToken cancellationToken)
    {
        List<long> numbers = [];
        await keys.ReadRowsAsync(
            table,
            part.File,
            key,
            (hash, row, _) =>
            {
                if (dropped.Contains(hash))
                    numbers.Add(row);
            },
            cancellationToken);
        if (numbers.Count != dropped.Count)
            throw new InvalidOperationException($"The data file '{part.File.Path}' has {numbers.Count} rows of {dropped.Count} keys.");

        IReadOnlyList<DataFile> files;
        await using (var session = await engine.OpenAsync(cancellationToken))
        {
            var local = await session.LeaseAsync(table, [part.File], cancellationToken);
            await session.ExecuteAsync("CREATE TABLE dropped (number BIGINT)", cancellationToken);
            foreach (var some in numbers.Chunk(RowsAtOnce))
                await session.ExecuteAsync($"INSERT INTO dropped VALUES {string.Join(',', some.Select(number => string.Create(CultureInfo.InvariantCulture, $"({number})")))}", cancellationToken);
            var columns = load.Columns.Where(column => part.File.Statistics!.NullCount.ContainsKey(column.Name)).ToList();
            using var kept = await stage.WriteAsync(
                session,
                $"SELECT * FROM ({SqlText.Relation(columns, local, complete: true, instants: true)}) ANTI JOIN dropped ON {StoredColumn.Row.Name} = number",
                options: null,
                cancellationToken);
            files = await stage.UploadAsync(kept, table, $"part-{BatchId.ShortOf(claim.Id)}-{claim.Attempt}", cancellationToken);
        }

        List<PartKeys> parts = [];
        foreach (var file in files)
            parts.Add(new PartKeys(file, await keys.RebuildAsync(table, file, key, cancellationToken)));
        return parts;
    }
}
