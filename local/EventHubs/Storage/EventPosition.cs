namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>Where in a partition a consumer begins.</summary>
/// <param name="Kind">What <paramref name="Value"/> is.</param>
/// <param name="Value">Offset, sequence number, or milliseconds since 1970.</param>
/// <param name="IsInclusive">Whether an event exactly there is the first; otherwise it is the one behind it.</param>
internal readonly record struct EventPosition(EventPositionKind Kind, long Value, bool IsInclusive)
{
    /// <summary>The oldest event that is kept.</summary>
    public static EventPosition Earliest { get; } = new(EventPositionKind.Offset, -1, IsInclusive: false);

    /// <summary>The first event that comes from now on.</summary>
    public static EventPosition Latest { get; } = new(EventPositionKind.Latest, 0, IsInclusive: false);

    public bool IsLatest => Kind == EventPositionKind.Latest;

    /// <summary>Whether the event is at or behind the position, so that it and what follows are read.</summary>
    public bool IsReachedBy(ReadEvent read) => Reaches(Kind switch
    {
        EventPositionKind.Offset => read.Offset,
        EventPositionKind.SequenceNumber => read.SequenceNumber,
        _ => read.EnqueuedTime.ToUnixTimeMilliseconds(),
    });

    /// <summary>Whether nothing that is asked for lies before the segment's first event.</summary>
    public bool IsBehindOrIn(LogSegment segment) => Kind switch
    {
        EventPositionKind.Offset => segment.FirstOffset <= Value,
        EventPositionKind.SequenceNumber => segment.FirstSequenceNumber <= Value,
        _ => segment.CreatedMilliseconds < Value,
    };

    /// <summary>Whether nothing that is asked for lies before the record.</summary>
    public bool IsBehindOrAt(LogIndexEntry entry, LogSegment segment) => Kind switch
    {
        EventPositionKind.Offset => segment.FirstOffset + entry.Position - LogSegment.HeaderBytes <= Value,
        EventPositionKind.SequenceNumber => entry.SequenceNumber <= Value,
        _ => entry.EnqueuedMilliseconds < Value,
    };

    private bool Reaches(long value) => IsInclusive ? value >= Value : value > Value;
}
