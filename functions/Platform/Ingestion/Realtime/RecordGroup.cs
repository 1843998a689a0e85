using System.Buffers;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Values;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>Requests that share a raw object, a data file, a quarantine file and a commit, in which each is a batch of its own.</summary>
internal sealed class RecordGroup(string dataset, DateTimeOffset started, RecordParser parser)
{
    private readonly List<PendingRecords> _requests = [];
    private readonly RecordPaths _paths = new(dataset, BatchId.Create(dataset, started), started, parser.Definition.Raw);

    public IReadOnlyList<PendingRecords> Requests => _requests;

    public RecordParser Parser => parser;

    public RecordPaths Paths => _paths;

    /// <summary>Of all its batches.</summary>
    public DateTimeOffset Started => started;

    public ArrayBufferWriter<byte> Raw { get; } = new();

    public ArrayBufferWriter<byte> Quarantine { get; } = new();

    /// <summary>Whose rows the block has.</summary>
    public IReadOnlyList<BatchRows> Batches => [.. _requests.Where(request => request.Batch!.Loaded > 0).Select(request => new BatchRows(request.Batch!.Id, (int)request.Batch.Loaded))];

    public IReadOnlyList<TableColumn> Columns =>
    [
        .. parser.Rows.Slots.Select(slot => slot.Column.TableColumn),
        StoredColumn.Batch.TableColumn, StoredColumn.Row.TableColumn, StoredColumn.IngestedAt.TableColumn,
    ];

    /// <returns>False when the request is not for a group.</returns>
    public async ValueTask<bool> TryAddAsync(PendingRecords pending)
    {
        if (!await parser.TryReadAsync(pending))
            return false;

        var rows = parser.Rows;
        var raw = parser.Definition.Raw switch
        {
            RawPolicy.None => null,
            RawPolicy.Redacted => (Lake.ByteRange?)Append(Raw, rows.RedactedRows.WrittenSpan),
            _ => Append(Raw, pending.Body.Bytes.Span),
        };

        // Bodies end where their range does; the line between them is for people.
        if (parser.Definition.Raw == RawPolicy.Keep && !pending.Body.Bytes.Span.EndsWith("\n"u8))
            Raw.Write("\n"u8);
        Lake.ByteRange? quarantine = rows.Quarantine.Length == 0 ? null : Append(Quarantine, rows.Quarantine.Written.Span);
        rows.RedactedRows.ResetWrittenCount();
        rows.Quarantine.Clear();
        pending.Batch = new CommittedBatch(
            BatchId.Create(dataset, started), 1, pending.Request.Caller, pending.Request.IdempotencyKey, parser.Version,
            rows.Received, rows.Accepted, rows.Quarantined, rows.Duplicates, rows.Discarded,
            pending.Body.Bytes.Length, pending.Body.Sha256, raw is null ? null : _paths.Raw.Value,
            quarantine is null ? null : _paths.Quarantine.Value, pending.Request.ContentType, started, rows.Warnings,
            RecordService.Name, raw, quarantine);
        _requests.Add(pending);
        return true;
    }

    private static Lake.ByteRange Append(ArrayBufferWriter<byte> target, ReadOnlySpan<byte> bytes)
    {
        var range = new Lake.ByteRange(target.WrittenCount, bytes.Length);
        target.Write(bytes);
        return range;
    }
}
