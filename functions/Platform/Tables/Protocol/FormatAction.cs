namespace DataPlatform.Tables.Protocol;

internal sealed record FormatAction
{
    public string Provider { get; init; } = "parquet";

    public Dictionary<string, string?> Options { get; init; } = [];
}
