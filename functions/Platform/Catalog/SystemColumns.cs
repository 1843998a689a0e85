using DataPlatform.Tables;

namespace DataPlatform.Catalog;

/// <summary>The columns that the platform adds to rows. Contracts cannot have fields of these names.</summary>
public static class SystemColumns
{
    /// <summary>Id of the batch a row came in.</summary>
    public const string Batch = "_batch";

    /// <summary>Place of the row in its batch, from 1.</summary>
    public const string Row = "_row";

    /// <summary>Start time of the batch, UTC.</summary>
    public const string IngestedAt = "_ingested_at";

    /// <summary>Partition of the stream.</summary>
    public const string Partition = "_partition";

    /// <summary>Sequence number in the stream's partition.</summary>
    public const string Sequence = "_sequence";

    /// <summary>When the stream took the event.</summary>
    public const string EnqueuedAt = "_enqueued_at";

    /// <summary>Stands for the <c>source</c> and <c>id</c> of the CloudEvent that the row came as; null for other rows. There from the first event on.</summary>
    public const string Event = "_event";

    /// <summary>What became of a row, in inputs that are read as changes.</summary>
    public const string ChangeType = "_change_type";

    /// <summary>True in the rows by which the operational store deletes a key; there from the first such row on. SQL does not see them.</summary>
    public const string Deleted = TableColumn.Deleted;

    public static IReadOnlyList<string> All { get; } = [Batch, Row, IngestedAt, Partition, Sequence, EnqueuedAt, ChangeType, Event, Deleted];
}
