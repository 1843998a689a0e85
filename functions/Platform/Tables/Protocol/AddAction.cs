namespace DataPlatform.Tables.Protocol;

internal sealed record AddAction
{
    public required string Path { get; init; }

    public Dictionary<string, string?>? PartitionValues { get; init; }

    public long Size { get; init; }

    public long ModificationTime { get; init; }

    // Not init: the deserializer would set it to false when a writer leaves it out.
    public bool DataChange { get; set; } = true;

    /// <summary>A JSON document in a string.</summary>
    public string? Stats { get; init; }

    public Dictionary<string, string?>? Tags { get; init; }

    public static AddAction Of(DataFile file, bool dataChange) => new()
    {
        Path = file.Path,
        PartitionValues = new Dictionary<string, string?>(file.PartitionValues, StringComparer.Ordinal),
        Size = file.Size,
        ModificationTime = file.ModificationTime,
        DataChange = dataChange,
        Stats = file.StatisticsText,
        Tags = file.Tags is { } tags ? new Dictionary<string, string?>(tags, StringComparer.Ordinal) : null,
    };
}
