namespace DataPlatform.Tables.Protocol;

internal sealed record TransactionAction
{
    public required string AppId { get; init; }

    public required long Version { get; init; }

    public long? LastUpdated { get; init; }
}
