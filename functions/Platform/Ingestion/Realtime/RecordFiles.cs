using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>Writes a group's files, all at the same time, so that the waits for the disk overlap. Nothing of them counts before the commit.</summary>
/// <param name="mostPartitions">Of a group.</param>
internal sealed class RecordFiles(IObjectStore objects, int mostPartitions)
{
    private const int FilesAtOnce = 8;

    private const string Ndjson = "application/x-ndjson";

    /// <param name="division">The columns that the table's files are divided by.</param>
    /// <returns>The data files: one for each partition, none without good rows.</returns>
    /// <exception cref="TerminalException"><c>TooManyPartitions</c>, <c>InvalidPartition</c>.</exception>
    public async Task<IReadOnlyList<DataFile>> WriteAsync(string dataset, RecordGroup group, IReadOnlyList<string> division)
    {
        var policy = group.Parser.Definition.Raw;
        var raw = policy == RawPolicy.None
            ? Task.CompletedTask
            : Task.Run(() => PutAsync(group.Paths.Raw, group.Raw.WrittenMemory, policy == RawPolicy.Redacted ? Ndjson : "application/json"));
        var quarantine = group.Quarantine.WrittenCount == 0
            ? Task.CompletedTask
            : Task.Run(() => PutAsync(group.Paths.Quarantine, group.Quarantine.WrittenMemory, Ndjson));
        var parts = WritePartsAsync(dataset, group, division);
        await Task.WhenAll(raw, quarantine, parts);
        return await parts;
    }

    private async Task<IReadOnlyList<DataFile>> WritePartsAsync(string dataset, RecordGroup group, IReadOnlyList<string> division)
    {
        var block = group.Parser.Rows.Block;
        if (block.Rows == 0)
            return [];
        var parts = BlockDivision.TryDivide(block, group.Batches, division, mostPartitions)
            ?? throw new TerminalException(FailureKind.Unprocessable, "TooManyPartitions", $"The rows would be divided into more than {mostPartitions} partitions.");
        if (parts is [var only])
            return [await WritePartAsync(dataset, group, only)];

        var files = new DataFile[parts.Count];
        await Parallel.ForAsync(0, parts.Count, new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce }, async (i, _) =>
        {
            using var rows = parts[i].Block;
            files[i] = await WritePartAsync(dataset, group, parts[i]);
        });
        return files;
    }

    private async Task<DataFile> WritePartAsync(string dataset, RecordGroup group, BlockPart rows)
    {
        await using var part = await PartWriter.OpenAsync(
            objects, new TableName(TableKind.Dataset, dataset).Root, group.Paths.Part, rows, group.Started, CancellationToken.None);
        await part.WriteAsync(rows, CancellationToken.None);
        return await part.CompleteAsync(CancellationToken.None);
    }

    private async Task PutAsync(LakePath path, ReadOnlyMemory<byte> content, string contentType)
    {
        if (await objects.TryPutAsync(path, content, PutCondition.IfAbsent, contentType, CancellationToken.None) is null)
            throw new TransientException($"There is an object '{path}' already. Send the request again.");
    }
}
