using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Values;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Writes a batch's data files anew before they are committed: without some of their rows, divided by the table's partition columns, or with its wider
/// types.</summary>
public sealed class PartRewriter(SqlEngine engine, ParquetStage stage, KeyFiles keys, IObjectStore objects, ILogger<PartRewriter> logger)
{
    private const long BytesAtOnce = 128L << 20;
    private const int RowsAtOnce = 5000;

    /// <summary>Makes all files of a batch those of one partition each, with the table's types.</summary>
    /// <returns>The batch itself when it is so already; else the files it had are gone.</returns>
    /// <exception cref="TerminalException"><c>TooManyPartitions</c>, <c>InvalidPartition</c>.</exception>
    internal async Task<BatchLoad> FitAsync(TableName table, BatchClaim claim, BatchLoad load, CancellationToken cancellationToken)
    {
        if (load is { IsNarrow: false, IsDivided: true })
            return load;

        List<PartKeys> done = [];
        List<PartKeys> left = [];
        foreach (var part in load.Window?.Parts ?? [.. load.Files.Select(file => new PartKeys(file, []))])
            (!load.IsNarrow && (load with { Files = [part.File] }).IsDivided ? done : left).Add(part);

        var windows = load.Window?.Keys ?? [];
        foreach (var some in Groups(left))
            done.AddRange(await WriteAsync(table, load, [.. some.Select(part => part.File)], load.Division, windows, dropped: null, claim, cancellationToken));
        FaultPoint.Pass("after-divide");
        await DiscardAsync(table, left.Select(part => part.File), windows, cancellationToken);
        var types = load.Into.ToDictionary(column => column.Name, StringComparer.Ordinal);
        return load with
        {
            Columns = [.. load.Columns.Select(column => types.TryGetValue(column.Name, out var known) && WiderTypes.IsWider(known.Type, column.Type) ? column with { Type = known.Type } : column)],
            Files = [.. done.Select(part => part.File)],
            Window = load.Window is { } window ? window with { Parts = done } : null,
        };
    }

    /// <param name="dropped">Numbers of the rows to leave out.</param>
    internal Task<IReadOnlyList<PartKeys>> DropAsync(
        TableName table, BatchLoad load, IReadOnlyList<KeyWindow> windows, DataFile file, IReadOnlySet<long> dropped, BatchClaim claim, CancellationToken cancellationToken) =>
        WriteAsync(table, load, [file], [.. file.PartitionValues.Keys], windows, dropped, claim, cancellationToken);

    /// <summary>Removes files that are in no commit and will not be. What cannot be removed now is left to vacuum.</summary>
    internal async Task DiscardAsync(TableName table, IEnumerable<DataFile> files, IReadOnlyList<KeyWindow> windows, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var file in files)
            {
                await objects.TryDeleteAsync(DataFiles.Locate(table, file), etag: null, cancellationToken);
                foreach (var window in windows)
                    await objects.TryDeleteAsync(KeyFiles.Locate(table, file, window.Key), etag: null, cancellationToken);
            }
        }
        catch (TransientException fault)
        {
            Log.PartsLeft(logger, table.Name, fault);
        }
    }

    private async Task<IReadOnlyList<PartKeys>> WriteAsync(
        TableName table, BatchLoad load, IReadOnlyList<DataFile> files, IReadOnlyList<string> division, IReadOnlyList<KeyWindow> windows, IReadOnlySet<long>? dropped,
        BatchClaim claim, CancellationToken cancellationToken)
    {
        IReadOnlyList<DataFile> written;
        await using (var session = await engine.OpenAsync(cancellationToken))
        {
            var local = await session.LeaseAsync(table, files, cancellationToken);

            // Columns that came while the batch was read are in its later files only.
            var columns = load.Columns.Where(column => files.Any(file => file.Statistics!.NullCount.ContainsKey(column.Name) || file.PartitionValues.ContainsKey(column.Name))).ToList();
            var select = $"SELECT * FROM ({PartitionedRelation.Of(columns, files, local, instants: true, alike: true)})";
            if (dropped is not null)
            {
                await session.ExecuteAsync("CREATE TABLE dropped (number BIGINT)", cancellationToken);
                foreach (var some in dropped.Chunk(RowsAtOnce))
                    await session.ExecuteAsync($"INSERT INTO dropped VALUES {string.Join(',', some.Select(number => string.Create(CultureInfo.InvariantCulture, $"({number})")))}", cancellationToken);
                select += $" ANTI JOIN dropped ON {StoredColumn.Row.Name} = number";
            }

            using var rows = await stage.WriteAsync(session, select, new ParquetOptions { PartitionBy = division, Into = load.Into }, cancellationToken);
            written = await stage.UploadAsync(rows, table, $"part-{BatchId.ShortOf(claim.Id)}-{claim.Attempt}", cancellationToken);
        }

        List<PartKeys> parts = [];
        foreach (var file in written)
        {
            var hashes = new UInt128[windows.Count][];
            for (var key = 0; key < hashes.Length; key++)
                hashes[key] = await keys.RebuildAsync(table, file, windows[key].Key, cancellationToken);
            parts.Add(new PartKeys(file, hashes));
        }

        return parts;
    }

    /// <summary>What fits on local disk together.</summary>
    private static IEnumerable<List<PartKeys>> Groups(List<PartKeys> parts)
    {
        List<PartKeys> group = [];
        long bytes = 0;
        foreach (var part in parts)
        {
            if (group.Count > 0 && bytes + part.File.Size > BytesAtOnce)
            {
                yield return group;
                (group, bytes) = ([], 0);
            }

            group.Add(part);
            bytes += part.File.Size;
        }

        if (group.Count > 0)
            yield return group;
    }
}
