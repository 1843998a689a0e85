using System.Text.Json;
using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>A table's <c>metaData</c> with its schema parsed.</summary>
internal sealed class TableMetadata
{
    /// <summary>Delta's <c>delta.deletedFileRetentionDuration</c> where a table does not say it.</summary>
    public static readonly TimeSpan DefaultDeletedFileRetention = TimeSpan.FromDays(7);

    /// <summary>Our property of a table that was dropped: the id of the operation. What the log has of it from there on is its tombstone.</summary>
    public const string DroppedProperty = "dataplatform.dropped";

    private readonly bool _hasInvariants;

    public TableMetadata(MetadataAction action)
    {
        Action = action;
        Columns = SchemaDocument.Parse(action.SchemaString, out _hasInvariants);
    }

    public MetadataAction Action { get; }

    public string Id => Action.Id;

    public IReadOnlyList<TableColumn> Columns { get; }

    public IReadOnlyList<string> PartitionColumns => Action.PartitionColumns;

    /// <summary>Expressions that every row must satisfy. We cannot evaluate them, so such a table is not written.</summary>
    public bool HasInvariants => _hasInvariants;

    public bool IsAppendOnly =>
        string.Equals(Action.Configuration.GetValueOrDefault("delta.appendOnly"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>How long removed files are kept for readers of older versions, and their removals in checkpoints.</summary>
    public TimeSpan DeletedFileRetention => OwnDeletedFileRetention ?? DefaultDeletedFileRetention;

    /// <summary>The same; null when the table does not say it.</summary>
    public TimeSpan? OwnDeletedFileRetention => Interval.TryParse(Action.Configuration.GetValueOrDefault("delta.deletedFileRetentionDuration"));

    /// <summary>False where the log is to be kept for good.</summary>
    public bool CleansLog =>
        !string.Equals(Action.Configuration.GetValueOrDefault("delta.enableExpiredLogCleanup"), "false", StringComparison.OrdinalIgnoreCase);

    /// <summary>How long commits are kept; null when the table does not say it.</summary>
    public TimeSpan? LogRetention => Interval.TryParse(Action.Configuration.GetValueOrDefault("delta.logRetentionDuration"));

    public static TableMetadata Create(string name, IReadOnlyList<TableColumn> columns, IReadOnlyList<string> partitionColumns, DateTimeOffset created) => new(new MetadataAction
    {
        Id = Guid.NewGuid().ToString(),
        Name = name,
        SchemaString = SchemaDocument.Write(columns),
        PartitionColumns = [.. partitionColumns],
        CreatedTime = created.ToUnixTimeMilliseconds(),
    });

    public bool IsDropped => Action.Configuration.ContainsKey(DroppedProperty);

    public TableMetadata Dropped(string operationId) =>
        new(Action with { Configuration = new Dictionary<string, string?>(Action.Configuration) { [DroppedProperty] = operationId } });

    public bool IsSameAs(TableMetadata other) =>
        ReferenceEquals(this, other)
        || JsonSerializer.SerializeToUtf8Bytes(new LogLine { MetaData = Action }, ProtocolJson.Default.LogLine).AsSpan()
            .SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(new LogLine { MetaData = other.Action }, ProtocolJson.Default.LogLine));

    public TableMetadata WithColumns(IReadOnlyList<TableColumn> columns, IReadOnlyList<string> partitionColumns) =>
        new(Action with { SchemaString = SchemaDocument.Write(columns, Action.SchemaString), PartitionColumns = [.. partitionColumns] });
}
