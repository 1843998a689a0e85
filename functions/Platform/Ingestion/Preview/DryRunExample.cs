namespace DataPlatform.Ingestion.Preview;

/// <summary>A row whose fate would change.</summary>
/// <param name="Batch">Its batch's id.</param>
/// <param name="Loads">Whether it would load.</param>
public sealed record DryRunExample(string Batch, long Row, long? Line, long? Offset, bool Loads, string Message, string? Value);
