namespace DataPlatform.Local.Runtime.Durable;

/// <summary>A claimed activity. Only the holder of <paramref name="Token"/> may complete it.</summary>
/// <param name="Deliveries">How often it was claimed, this time included.</param>
/// <param name="Deaths">How many processes died while they held it.</param>
internal sealed record ActivityWork(
    long Id,
    string InstanceId,
    string ExecutionId,
    int TaskId,
    string Name,
    string? Version,
    string? Input,
    string Token,
    int Deliveries,
    int Deaths)
{
    /// <summary>Why the input can't be read; null when it can.</summary>
    public string? Unreadable { get; init; }
}
