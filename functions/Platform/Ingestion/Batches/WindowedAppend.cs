using DataPlatform.Failures;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Batches;

/// <summary>
/// Commits batches whose keys count once within a window. What was decided while a batch was loaded holds for the version it was
/// decided on; each commit behind it is looked at for the batch's keys, and the commit stands only on the version looked at last.
/// </summary>
public sealed class WindowedAppend(KeyFiles keys, PartRewriter rewriter, ILogger<WindowedAppend> logger)
{
    private const int MaxTries = 100;

    /// <returns>The commit that holds the batch, also when an earlier attempt made it.</returns>
    /// <exception cref="TransientException">Rows that the batch repeats were removed meanwhile, or too many others write: send it again.</exception>
    internal async Task<Commit> CommitAsync(
        DeltaTable table, BatchClaim claim, BatchLoad load, TableChange change, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            (var known, load) = await AdvanceAsync(table, claim, load, keysLiveOn: false, cancellationToken);
            if (known is not null)
                return known;
            load = await rewriter.FitAsync(table.Name, claim, load, cancellationToken);
            try
            {
                return await table.CommitAsync(
                    change with { ReadVersion = load.Window!.Version, Columns = load.Columns, PartitionColumns = load.Division, Add = load.Files, Batches = [load.Batch] },
                    cancellationToken);
            }
            catch (CommitConflictException) when (tries < MaxTries)
            {
                // Somebody changed the table: look at what that brought.
                if (await table.TryGetSnapshotAsync(null, cancellationToken) is { } now)
                    load = load.For(now);
            }
            catch (TerminalException mismatch) when (mismatch.Code == BatchCommitter.Mismatch)
            {
                if (await table.TryGetSnapshotAsync(null, cancellationToken) is not { } now || load.For(now) is not { IsNarrow: true } narrow)
                    throw;
                load = narrow;
            }
        }
    }

    /// <summary>Looks at the commits behind the version that a batch was decided on, and takes out the rows that they bring.</summary>
    /// <param name="keysLiveOn">Keys outlive their rows (<see cref="CarryAsync"/>), so that it does not matter when these are removed.</param>
    /// <returns>The commit that holds the batch already, or null; the batch as it is decided on the newest version.</returns>
    /// <exception cref="TransientException">Rows that the batch repeats were removed meanwhile.</exception>
    /// <exception cref="CommitConflictException">Others wrote rows of the same stream, or took the same out of quarantine.</exception>
    internal async Task<(Commit? Known, BatchLoad Load)> AdvanceAsync(
        DeltaTable table, BatchClaim claim, BatchLoad load, bool keysLiveOn, CancellationToken cancellationToken)
    {
        var window = load.Window!;
        List<DataFile> added = [];
        await foreach (var commit in table.ReadCommitsAsync(window.Version, null, cancellationToken))
        {
            if (commit.Batches.Any(batch => batch.Id == claim.Id))
                return (commit, load);

            // Both may have taken the same rows out of quarantine.
            if (load.Batch.Parent is not null && QuarantineLog.Takes(commit))
                throw new CommitConflictException(table.Name.Name, window.Version, commit.Version);
            // Another reader of the partition was faster: which rows are left must be seen anew.
            if (load.Transactions.Keys.Any(commit.Transactions.ContainsKey))
                throw new CommitConflictException(table.Name.Name, window.Version, commit.Version, "another reader of the stream wrote to it");
            window = window with { Version = commit.Version };

            if (!commit.DataChange)
            {
                // It rearranges rows and brings no key that was not there; what is repeated may lie in its files now.
                if (commit.Removed.Any(file => window.Sources.Contains(file.Path)))
                    window = window with { Sources = window.Sources.Union(commit.Added.Select(file => file.Path)).ToHashSet(StringComparer.Ordinal) };
                continue;
            }

            if (!keysLiveOn && commit.Removed.FirstOrDefault(file => window.Sources.Contains(file.Path)) is { } gone)
                throw new TransientException($"Rows that this batch repeats were removed from table '{table.Name}' meanwhile (with the file '{gone.Path}'). Nothing was stored: send it again.");
            added.AddRange(commit.Added);
        }

        return (null, await DropAsync(table, load, window, claim, added, cancellationToken));
    }

    /// <summary>Keeps the events of rows that a merge removes, where the table has events.</summary>
    /// <param name="target">What was merged into.</param>
    internal async Task CarryAsync(
        TableName table, Snapshot? target, MergeResult merged, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        if (!merged.Columns.Any(column => column.Name == StoredColumn.Event.Name))
            return;

        var removed = merged.Remove.ToHashSet(StringComparer.Ordinal);
        IEnumerable<UInt128> own = load.Window is { } window && window.Keys.ToList().FindIndex(of => of.Key == KeyColumns.Events) is var place and >= 0
            ? window.Parts.SelectMany(part => part.Hashes[place])
            : [];
        await keys.CarryAsync(
            table, KeyColumns.Events, merged.Add, target?.Files.Where(file => removed.Contains(file.Path)) ?? [], own, claim.Started, cancellationToken);
    }

    private async Task<BatchLoad> DropAsync(
        DeltaTable table, BatchLoad load, LoadedWindow window, BatchClaim claim, List<DataFile> added, CancellationToken cancellationToken)
    {
        HashSet<string> sources = [.. window.Sources];
        List<PartKeys> parts = [];
        var rows = 0;
        foreach (var part in window.Parts)
        {
            var dropped = await FindAsync(table.Name, window, part, added, sources, cancellationToken);
            rows += dropped.Count;
            load.Events?.LeaveOut(dropped);

            // A part that has nothing else is left out whole.
            if (dropped.Count == 0)
                parts.Add(part);
            else if (dropped.Count < part.Rows)
                parts.AddRange(await rewriter.DropAsync(table.Name, load, window.Keys, part.File, dropped, claim, cancellationToken));
        }

        if (rows == 0)
            return load with { Window = window };
        await rewriter.DiscardAsync(table.Name, window.Parts.Except(parts).Select(part => part.File), window.Keys, cancellationToken);
        Log.DuplicatesMet(logger, rows, claim.Id);
        var batch = load.Batch with { Loaded = load.Batch.Loaded - rows, Duplicate = load.Batch.Duplicate + rows, Stream = load.Events?.Describe() };
        return load with
        {
            Files = [.. parts.Select(part => part.File)],
            Batch = batch,
            Window = window with { Sources = sources, Parts = parts },
        };
    }

    /// <returns>The numbers of the part's rows whose keys the files have.</returns>
    private async Task<HashSet<long>> FindAsync(
        TableName table, LoadedWindow window, PartKeys part, List<DataFile> added, HashSet<string> sources, CancellationToken cancellationToken)
    {
        HashSet<long> numbers = [];
        for (var key = 0; key < window.Keys.Count; key++)
        {
            var (of, hashes) = (window.Keys[key], part.Hashes[key]);
            var marked = new bool[hashes.Length];
            foreach (var file in await keys.MarkAsync(table, of.Of(added), of.Key, hashes, marked, of.After, cancellationToken))
                sources.Add(file.Path);
            HashSet<UInt128> dropped = [.. hashes.Where((_, i) => marked[i])];
            if (dropped.Count == 0)
                continue;

            var found = 0;
            await keys.ReadRowsAsync(
                table,
                part.File,
                of.Key,
                (hash, row, _) =>
                {
                    if (!dropped.Contains(hash))
                        return;
                    found++;
                    numbers.Add(row);
                },
                cancellationToken);
            if (found != dropped.Count)
                throw new InvalidOperationException($"The data file '{part.File.Path}' has {found} rows of {dropped.Count} keys.");
        }

        return numbers;
    }
}
