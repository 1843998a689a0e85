namespace DataPlatform.Tables.Protocol;

internal sealed record MetadataAction
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public FormatAction Format { get; init; } = new();

    /// <summary>A JSON document in a string: the table's struct type.</summary>
    public required string SchemaString { get; init; }

    public string[] PartitionColumns { get; init; } = [];

    public Dictionary<string, string?> Configuration { get; init; } = [];

    public long? CreatedTime { get; init; }
}
