namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Asks to give up open rows.</summary>
public sealed record DismissalRequest : QuarantineSelection
{
    public string? Reason { get; init; }
}
