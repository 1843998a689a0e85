using System.Buffers.Binary;
using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>
/// The key files of dataset tables: <c>_keys/{fingerprint}/{data file}.keys</c> below the table. Each is written before the commit that makes
/// its data file count; one that is missing or damaged is written anew from the data file.
/// </summary>
public sealed class KeyFiles(IObjectStore objects, FileCache local, SqlEngine engine, IOptions<PlatformOptions> options, ILogger<KeyFiles> logger)
{
    private const int ParallelFiles = 4;
    private static readonly long[] NoTimes = [0];
    private readonly KeyFileCache _cache = new(options.Value.KeyFilterBytes);

    /// <summary>Bytes of the filters in memory.</summary>
    internal long CachedBytes => _cache.Bytes;

    /// <summary>The files that may hold rows which came after a time.</summary>
    /// <param name="after">Microseconds since 1970.</param>
    internal static IEnumerable<DataFile> Since(IEnumerable<DataFile> files, long after) => files.Where(file => LatestOf(file) > after);

    /// <summary>When the newest row of a data file came; the end of time when nobody knows.</summary>
    private static long LatestOf(DataFile file) =>
        file.Statistics?.Maximum.TryGetValue(SystemColumns.IngestedAt, out var latest) == true
        && DateTimeOffset.TryParse(latest.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Micros(time)
            : long.MaxValue;

    internal static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal static LakePath Locate(TableName table, DataFile file, KeyColumns key) =>
        table.Root.Append($"_keys/{key.Fingerprint}/{DataFiles.Decode(file.Path)}.keys");

    /// <summary>Writes the key files of a data file whose rows all came at one time.</summary>
    /// <param name="hashes">By key; of each ascending, each once.</param>
    internal Task WriteAsync(
        TableName table, DataFile file, IReadOnlyList<KeyWindow> keys, IReadOnlyList<UInt128[]> hashes, DateTimeOffset time, CancellationToken cancellationToken) =>
        Task.WhenAll(keys.Select((window, i) =>
            KeyFileWriter.WriteAsync(objects, Locate(table, file, window.Key), hashes[i], new[] { Micros(time) }, cancellationToken)));

    /// <summary>Writes the key files of data files that a merge adds, in which the keys live on of the files that it removes: a row that another took
    /// the place of has come all the same. They lie with the newest file.</summary>
    /// <param name="hashes">Of the merged batch, which came at <paramref name="time"/>.</param>
    internal async Task CarryAsync(
        TableName table, KeyColumns key, IReadOnlyList<DataFile> added, IEnumerable<DataFile> removed, IEnumerable<UInt128> hashes, DateTimeOffset time,
        CancellationToken cancellationToken)
    {
        if (added.Count == 0)
            return;

        List<UInt128> all = [.. hashes];
        List<long> times = [.. Enumerable.Repeat(Micros(time), all.Count)];
        foreach (var file in removed)
            await CopyAsync(table, file, key, all, times, cancellationToken);
        var (sorted, newest) = Sort(all, times);
        var bearer = added.MaxBy(LatestOf)!;
        foreach (var file in added)
        {
            var path = Locate(table, file, key);
            _cache.Remove(path);
            local.Drop(path);
            await (ReferenceEquals(file, bearer)
                ? KeyFileWriter.WriteAsync(objects, path, sorted, newest, cancellationToken)
                : KeyFileWriter.WriteAsync(objects, path, default, NoTimes, cancellationToken));
        }
    }

    /// <summary>Before files of a table take the place of others with the same rows: events of rows that were replaced lie in key files only. What other
    /// keys there are follows from the rows themselves, when somebody asks.</summary>
    internal Task CarryAsync(Snapshot snapshot, IReadOnlyList<DataFile> removed, IReadOnlyList<DataFile> added, CancellationToken cancellationToken) =>
        snapshot.Table.Kind == TableKind.Dataset && snapshot.Columns.Any(column => column.Name == StoredColumn.Event.Name)
            ? CarryAsync(snapshot.Table, KeyColumns.Events, added, removed, [], default, cancellationToken)
            : Task.CompletedTask;

    /// <summary>Marks the hashes that are keys of rows which came after a time.</summary>
    /// <param name="marked">In step with <paramref name="hashes"/>; those marked already are left alone.</param>
    /// <returns>The files with such rows.</returns>
    internal async Task<IReadOnlyList<DataFile>> MarkAsync(
        TableName table, IEnumerable<DataFile> files, KeyColumns key, UInt128[] hashes, bool[] marked, long after, CancellationToken cancellationToken)
    {
        List<DataFile> holding = [];
        await Parallel.ForEachAsync(
            Since(files, after),
            new ParallelOptions { MaxDegreeOfParallelism = ParallelFiles, CancellationToken = cancellationToken },
            async (file, token) =>
            {
                if (!await MarkAsync(table, file, key, hashes, marked, after, token))
                    return;
                lock (holding)
                    holding.Add(file);
            });
        return holding;
    }

    /// <summary>The rows of a data file: their keys, their numbers in their batches (-1 without) and when they came.</summary>
    internal async Task ReadRowsAsync(
        TableName table, DataFile file, KeyColumns key, Action<UInt128, long, long?> row, CancellationToken cancellationToken)
    {
        await using var session = await engine.OpenAsync(cancellationToken);
        var leased = await session.LeaseAsync(table, [file], cancellationToken);
        using var cursor = await session.QueryAsync(key.Select(file, leased[0]), [], cancellationToken);
        await Task.Run(
            () =>
            {
                var encoder = new KeyEncoder();
                while (cursor.Read())
                {
                    var (hash, number, time) = key.Read(cursor.Reader, encoder);
                    row(hash, number, time);
                }
            },
            cancellationToken);
    }

    /// <summary>Writes a data file's key file from its rows.</summary>
    /// <returns>The hashes, ascending.</returns>
    internal async Task<UInt128[]> RebuildAsync(TableName table, DataFile file, KeyColumns key, CancellationToken cancellationToken)
    {
        // A row that does not say when it came came with its file.
        var fallback = file.ModificationTime * 1000;
        List<UInt128> hashes = [];
        List<long> times = [];
        await ReadRowsAsync(
            table,
            file,
            key,
            (hash, _, time) =>
            {
                hashes.Add(hash);
                times.Add(time ?? fallback);
            },
            cancellationToken);

        var (sorted, newest) = Sort(hashes, times);
        await KeyFileWriter.WriteAsync(objects, Locate(table, file, key), sorted, newest, cancellationToken);
        return sorted;
    }

    /// <summary>Adds a key file's entries to lists.</summary>
    private async Task CopyAsync(
        TableName table, DataFile file, KeyColumns key, List<UInt128> hashes, List<long> times, CancellationToken cancellationToken)
    {
        await WithFileAsync(
            table,
            file,
            key,
            async known =>
            {
                using var lease = await local.LeaseAsync(known.Path, known.Length, cancellationToken);
                using var pages = KeyPages.Open(known, lease.Path);
                pages.CopyTo(hashes, times);
                return true;
            },
            cancellationToken);
    }

    private static (UInt128[] Hashes, long[] Times) Sort(List<UInt128> hashes, List<long> times)
    {
        UInt128[] sorted = [.. hashes];
        long[] newest = [.. times];
        Array.Sort(sorted, newest);
        var count = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (count > 0 && sorted[count - 1] == sorted[i])
            {
                newest[count - 1] = Math.Max(newest[count - 1], newest[i]);
                continue;
            }

            (sorted[count], newest[count]) = (sorted[i], newest[i]);
            count++;
        }

        Array.Resize(ref sorted, count);
        Array.Resize(ref newest, count);
        return (sorted, newest);
    }

    private Task<bool> MarkAsync(
        TableName table, DataFile file, KeyColumns key, UInt128[] hashes, bool[] marked, long after, CancellationToken cancellationToken) =>
        WithFileAsync(table, file, key, known => LookUpAsync(known, hashes, marked, after, cancellationToken), cancellationToken);

    /// <summary>Does something with a key file, once more with a new one when it is missing or damaged.</summary>
    private async Task<bool> WithFileAsync(
        TableName table, DataFile file, KeyColumns key, Func<KeyFile, Task<bool>> work, CancellationToken cancellationToken)
    {
        var path = Locate(table, file, key);
        for (var rebuilt = false; ; rebuilt = true)
        {
            try
            {
                return await work(_cache.TryGet(path) ?? await OpenAsync(path, cancellationToken));
            }
            catch (Exception fault) when (!rebuilt && fault is ObjectNotFoundException or KeyFileException)
            {
                Log.KeysRebuilt(logger, path.Value, fault.Message);
                _cache.Remove(path);
                local.Drop(path);
                await RebuildAsync(table, file, key, cancellationToken);
            }
        }
    }

    private async Task<KeyFile> OpenAsync(LakePath path, CancellationToken cancellationToken)
    {
        await using var source = await objects.OpenReadAsync(path, null, cancellationToken);
        var head = new byte[KeyFile.HeaderBytes];
        if (await source.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length || !head.AsSpan().StartsWith(KeyFile.Magic))
            throw new KeyFileException(path.Value, "is none, or of another version");
        var keys = BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(8));
        var bytes = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(16));
        var pages = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(20));
        if (keys is < 0 or > int.MaxValue || bytes != KeyFilter.BytesFor((int)keys) || pages != KeyFile.PagesFor((int)keys))
            throw new KeyFileException(path.Value, "is damaged in its head");

        var filter = new KeyFilter((int)keys);
        var content = new byte[Math.Min(bytes, 64 << 10)];
        for (var at = 0; at < bytes;)
        {
            var read = await source.ReadAsync(content.AsMemory(0, Math.Min(content.Length, bytes - at)), cancellationToken);
            if (read == 0)
                throw new KeyFileException(path.Value, "ends in its filter");
            content.AsSpan(0, read).CopyTo(filter.Bytes[at..]);
            at += read;
        }

        if (BinaryPrimitives.ReadUInt128LittleEndian(head.AsSpan(KeyFile.ChecksumAt)) != KeyFileWriter.Checksum(head, filter.Bytes))
            throw new KeyFileException(path.Value, "is damaged in its filter");
        var file = new KeyFile(path, keys, filter, pages, KeyFile.HeaderBytes + bytes + ((long)pages * KeyFile.PageBytes));
        _cache.Add(file);
        return file;
    }

    private async Task<bool> LookUpAsync(KeyFile file, UInt128[] hashes, bool[] marked, long after, CancellationToken cancellationToken)
    {
        List<int> candidates = [];
        for (var i = 0; i < hashes.Length; i++)
        {
            if (!marked[i] && file.Filter.MayContain(hashes[i]))
                candidates.Add(i);
        }

        if (candidates.Count == 0 || file.Pages == 0)
            return false;

        candidates.Sort((a, b) => hashes[a].CompareTo(hashes[b]));
        using var lease = await local.LeaseAsync(file.Path, file.Length, cancellationToken);
        using var pages = KeyPages.Open(file, lease.Path);
        var any = false;
        foreach (var i in candidates)
        {
            if (pages.Find(hashes[i]) is { } time && time > after)
                any = marked[i] = true;
        }

        return any;
    }
}
