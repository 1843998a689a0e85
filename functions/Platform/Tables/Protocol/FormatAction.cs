namespace DataPlatform.Tables.Protocol;

internal sealed record FormatAction
{
    public string Provider { get => field ?? "parquet"; init; }

    public Dictionary<string, string?> Options { get => field ?? []; init; }
}
