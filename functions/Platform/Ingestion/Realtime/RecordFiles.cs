using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>Writes a group's files, all at the same time, so that the waits for the disk overlap. Nothing of them counts before the commit.</summary>
internal sealed class RecordFiles(IObjectStore objects)
{
    private const string Ndjson = "application/x-ndjson";

    /// <returns>The data files: one, or none without good rows.</returns>
    public async Task<IReadOnlyList<DataFile>> WriteAsync(string dataset, RecordGroup group)
    {
        var policy = group.Parser.Definition.Raw;
        var raw = policy == RawPolicy.None
            ? Task.CompletedTask
            : Task.Run(() => PutAsync(group.Paths.Raw, group.Raw.WrittenMemory, policy == RawPolicy.Redacted ? Ndjson : "application/json"));
        var quarantine = group.Quarantine.WrittenCount == 0
            ? Task.CompletedTask
            : Task.Run(() => PutAsync(group.Paths.Quarantine, group.Quarantine.WrittenMemory, Ndjson));
        var part = WritePartAsync(dataset, group);
        await Task.WhenAll(raw, quarantine, part);
        return await part;
    }

    private async Task<IReadOnlyList<DataFile>> WritePartAsync(string dataset, RecordGroup group)
    {
        var block = group.Parser.Rows.Block;
        if (block.Rows == 0)
            return [];
        await using var part = await PartWriter.OpenAsync(
            objects, new TableName(TableKind.Dataset, dataset).Root, group.Paths.Part, block, group.Started, CancellationToken.None);
        await part.WriteAsync(block, group.Batches, CancellationToken.None);
        return [await part.CompleteAsync(CancellationToken.None)];
    }

    private async Task PutAsync(LakePath path, ReadOnlyMemory<byte> content, string contentType)
    {
        if (await objects.TryPutAsync(path, content, PutCondition.IfAbsent, contentType, CancellationToken.None) is null)
            throw new TransientException($"There is an object '{path}' already. Send the request again.");
    }
}
