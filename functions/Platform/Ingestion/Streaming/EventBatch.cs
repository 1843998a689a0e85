using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Streaming;

/// <summary>Events of one partition that are loaded and committed together, with what becomes of each. Of use once: another try takes another.</summary>
/// <param name="rows">At least one, by sequence number.</param>
/// <param name="application">Names the partition in the table's <c>txn</c> actions.</param>
internal sealed class EventBatch(string hub, string partition, string application, IReadOnlyList<EventRow> rows)
{
    private readonly EventFate[] _fates = new EventFate[rows.Count];
    private EventText? _text;

    /// <summary>How far the table has come in the partition when it has these.</summary>
    public IReadOnlyDictionary<string, long> Transactions { get; } =
        new Dictionary<string, long>(StringComparer.Ordinal) { [application] = rows[^1].Sequence };

    /// <summary>Media type of <see cref="OpenRaw"/>: as which what is kept in the raw zone can be read again.</summary>
    public string ContentType { get; } = rows.All(row => row.IsCloudEvent) ? BatchMedia.CloudEventBatch : "application/x-ndjson";

    /// <summary>What is kept of them in the raw zone, an event a line: NDJSON, or an array when they are CloudEvents.</summary>
    public EventText OpenRaw() => _text ??= EventText.Of(rows, isArray: ContentType == BatchMedia.CloudEventBatch);

    /// <param name="content">Where what is kept passes by; it is read to its end.</param>
    public RowReader Read(Stream content, IngestionLimits limits) => new EventRowReader(content, partition, rows, OpenRaw().Offsets, _fates, limits);

    /// <param name="number">Of the row in the batch, from 1.</param>
    public void LeaveOut(long number) => _fates[number - 1] = EventFate.Duplicate;

    /// <inheritdoc cref="LeaveOut(long)"/>
    public void LeaveOut(IEnumerable<long> numbers)
    {
        foreach (var number in numbers)
            LeaveOut(number);
    }

    /// <summary>For the commit.</summary>
    public CommittedEvents Describe()
    {
        var receipts = rows.Select((row, place) => (Row: row, Fate: _fates[place])).Where(item => item.Row.Receipt is not null)
            .GroupBy(item => item.Row.Receipt!, StringComparer.Ordinal).Select(group => new CommittedReceipt(
                group.Key, Of(group, EventFate.Loaded), Of(group, EventFate.Quarantined), Of(group, EventFate.Duplicate), Of(group, EventFate.Discarded))).ToList();
        return new CommittedEvents(hub, partition, rows[0].Sequence, rows[^1].Sequence, rows[^1].Enqueued, receipts.Count > 0 ? receipts : null);
    }

    private static string? Of(IEnumerable<(EventRow Row, EventFate Fate)> items, EventFate fate)
    {
        var set = new RowSet();
        foreach (var index in items.Where(item => item.Fate == fate).Select(item => item.Row.Index).Distinct().Order())
            set.Add(index);
        return set.IsEmpty ? null : set.ToString();
    }
}
