namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Which part of a dataset's quarantine is meant; null means any.</summary>
/// <param name="Rule">In snake_case.</param>
/// <param name="Column">The input's name.</param>
/// <param name="Batch">A batch's id.</param>
/// <param name="Since">Batches that started then or later.</param>
public sealed record QuarantineFilter(string? Rule = null, string? Column = null, string? Batch = null, DateTimeOffset? Since = null);
