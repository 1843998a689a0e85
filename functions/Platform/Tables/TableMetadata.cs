using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>A table's <c>metaData</c> with its schema parsed.</summary>
internal sealed class TableMetadata
{
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

    public static TableMetadata Create(string name, IReadOnlyList<TableColumn> columns, DateTimeOffset created) => new(new MetadataAction
    {
        Id = Guid.NewGuid().ToString(),
        Name = name,
        SchemaString = SchemaDocument.Write(columns),
        CreatedTime = created.ToUnixTimeMilliseconds(),
    });

    public TableMetadata WithColumns(IReadOnlyList<TableColumn> columns) =>
        new(Action with { SchemaString = SchemaDocument.Write(columns, Action.SchemaString) });
}
