using System.Text;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Streaming;

/// <summary>Takes events of a partition apart into rows: those that are CloudEvents as these, the others as JSON objects.</summary>
internal sealed class EventRowParser(string partition, IngestionLimits limits) : CloudEventRowParser(limits, single: false)
{
    private readonly byte[] _partitionText = Encoding.UTF8.GetBytes(partition);
    private readonly int _maxRowBytes = limits.MaxRowBytes;
    private ColumnSlot? _partition;
    private ColumnSlot? _sequence;
    private ColumnSlot? _enqueuedAt;

    public override void Start(RowCollector rows)
    {
        base.Start(rows);
        (_partition, _sequence, _enqueuedAt) = rows.AddStream();
    }

    /// <inheritdoc cref="CloudEventRowParser.ReadRow"/>
    public void Read(RowCollector rows, EventRow row, long line, long offset)
    {
        rows.Quarantine.Stream = (partition, row.Sequence);
        ((BytesColumnBuffer)_partition!.Buffer).Append(_partitionText);
        ((FixedColumnBuffer<long>)_sequence!.Buffer).Append(row.Sequence);
        ((FixedColumnBuffer<long>)_enqueuedAt!.Buffer).Append((row.Enqueued - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
        if (row.Text.Length > _maxRowBytes)
        {
            rows.Quarantine.Event = row.Key;
            RefuseLong(rows, row.Text.Span, line, offset);
        }
        else if (row.IsCloudEvent)
        {
            ReadRow(rows, row.Text.Span, isAscii: false, line, offset);
        }
        else
        {
            ReadPlain(rows, row.Key, row.Text.Span, line, offset);
        }
    }
}
