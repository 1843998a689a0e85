namespace DataPlatform.Tables.Protocol;

// What a writer leaves out reaches an init property as null, whatever its initial value: the deserializer sets them all.
internal sealed record MetadataAction
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Description { get; init; }

    public FormatAction Format { get => field ?? new FormatAction(); init; }

    /// <summary>A JSON document in a string: the table's struct type. Some writers leave it out while the table has no columns.</summary>
    public string SchemaString { get => field ?? """{"type":"struct","fields":[]}"""; init; }

    public string[] PartitionColumns { get => field ?? []; init; }

    public Dictionary<string, string?> Configuration { get => field ?? []; init; }

    public long? CreatedTime { get; init; }
}
