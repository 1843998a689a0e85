namespace DataPlatform.Local.EventHubs.Storage;

/// <summary>What a partition's log keeps, and in what pieces.</summary>
internal sealed record PartitionLogOptions
{
    /// <summary>A file is closed, and the next one begun, when it is this long.</summary>
    public long SegmentBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How long an event is kept at least.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The most a partition keeps; beyond it the oldest files go, whatever their age.</summary>
    public long RetentionBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>The most bytes that one sync covers.</summary>
    public int GroupBytes { get; init; } = 4 * 1024 * 1024;
}
