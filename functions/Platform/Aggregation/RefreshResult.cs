namespace DataPlatform.Aggregation;

/// <summary>What a refresh made.</summary>
/// <param name="MartVersion">The mart's table version that holds it.</param>
/// <param name="Rows">Of the mart; null when another refresh had done the work already.</param>
/// <param name="Outcome">Null when another refresh had done the work already.</param>
public sealed record RefreshResult(long MartVersion, long? Rows, RefreshOutcome? Outcome = null);
