using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>
/// Divides rows by key columns into partitions: rows with equal values, NULLs among themselves, come to the same one. A partition's number follows
/// from an MD5 of the values' texts, so that it is the same on every instance and with every release of the engine.
/// </summary>
public sealed class KeyPartitions(IObjectStore store, ScratchFolder scratch)
{
    /// <summary>No column of a table has it, since those that start so are hidden.</summary>
    private const string Number = "_partition";

    /// <param name="by">Columns of the table; not of floating-point numbers, of which equal ones may have different texts.</param>
    /// <param name="folder">Takes the files, each under a name that no other call uses.</param>
    public async Task<IReadOnlyList<PartitionFile>> WriteAsync(
        SqlSession session,
        Snapshot snapshot,
        IReadOnlyList<DataFile> files,
        IReadOnlyList<string> by,
        int partitions,
        LakePath folder,
        CancellationToken cancellationToken)
    {
        var local = await session.LeaseAsync(snapshot.Table, files, cancellationToken);
        var relation = SqlSession.RelationOf(snapshot, new MountOptions { Files = files, Instants = true }, local);
        var place = scratch.NewName("split", "");
        Directory.CreateDirectory(place);
        try
        {
            var texts = string.Join(", ", by.Select(column => $"coalesce('=' || CAST({SqlText.Identifier(column)} AS VARCHAR), '')"));
            var copy = string.Create(CultureInfo.InvariantCulture, $"""
                COPY (SELECT *, CAST(md5_number_lower(concat_ws(chr(31), {texts})) % {partitions} AS INTEGER) AS {Number} FROM ({relation}))
                TO {SqlText.Literal(place)} (FORMAT parquet, COMPRESSION zstd, PARTITION_BY ({Number}), OVERWRITE_OR_IGNORE true)
                """);
            await session.Disk.WatchAsync(
                place,
                async token =>
                {
                    await session.ExecuteAsync(copy, token);
                    return true;
                },
                cancellationToken);
            return await UploadAsync(place, folder, cancellationToken);
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    private async Task<IReadOnlyList<PartitionFile>> UploadAsync(string place, LakePath folder, CancellationToken cancellationToken)
    {
        List<PartitionFile> written = [];
        foreach (var file in new DirectoryInfo(place).EnumerateFiles("*", SearchOption.AllDirectories).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            var number = int.Parse(file.Directory!.Name.AsSpan(Number.Length + 1), CultureInfo.InvariantCulture);
            var path = folder.Append(string.Create(CultureInfo.InvariantCulture, $"{number}-{Guid.NewGuid():N}.parquet"));
            await using var source = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            await using var target = await store.OpenWriteAsync(path, PutCondition.IfAbsent, "application/vnd.apache.parquet", cancellationToken);
            await source.CopyToAsync(target, 1 << 20, cancellationToken);
            if (await target.CompleteAsync(cancellationToken) is null)
                throw new TransientException($"There is a file '{path}' already.");
            written.Add(new PartitionFile(number, path.Value, file.Length));
        }

        return written;
    }
}
