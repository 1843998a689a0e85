namespace DataPlatform.Tables.Protocol;

internal sealed record RemoveAction
{
    public required string Path { get; init; }

    public long? DeletionTimestamp { get; init; }

    // Not init: the deserializer would set it to false when a writer leaves it out.
    public bool DataChange { get; set; } = true;

    public bool? ExtendedFileMetadata { get; init; }

    public Dictionary<string, string?>? PartitionValues { get; init; }

    public long? Size { get; init; }

    public string? Stats { get; init; }

    public static RemoveAction Of(DataFile file, long deletionTimestamp, bool dataChange) => new()
    {
        Path = file.Path,
        DeletionTimestamp = deletionTimestamp,
        DataChange = dataChange,
        ExtendedFileMetadata = true,
        PartitionValues = new Dictionary<string, string?>(file.PartitionValues, StringComparer.Ordinal),
        Size = file.Size,
    };
}
