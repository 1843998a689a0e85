namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Asks to check open rows again, and to load those that pass.</summary>
public sealed record ReplayRequest : QuarantineSelection
{
    public ReplayPatch? Patch { get; init; }

    /// <summary>Only tell what would happen.</summary>
    public bool DryRun { get; init; }
}
