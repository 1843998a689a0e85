namespace DataPlatform.Tables.Protocol;

internal sealed record AddAction
{
    public required string Path { get; init; }

    public Dictionary<string, string?>? PartitionValues { get; init; }

    public long Size { get; init; }

    public long ModificationTime { get; init; }

    public bool DataChange { get; init; } = true;

    /// <summary>A JSON document in a string.</summary>
    public string? Stats { get; init; }
}
