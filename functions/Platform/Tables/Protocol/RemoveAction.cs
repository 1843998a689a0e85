namespace DataPlatform.Tables.Protocol;

internal sealed record RemoveAction
{
    public required string Path { get; init; }

    public long? DeletionTimestamp { get; init; }

    public bool DataChange { get; init; } = true;

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
