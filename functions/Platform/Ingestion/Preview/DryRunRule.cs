namespace DataPlatform.Ingestion.Preview;

/// <summary>A rule that rows newly break, or no longer do. A row that breaks several counts for each.</summary>
/// <param name="Column">The input's name; null when it is about rows as a whole.</param>
/// <param name="Rule">In snake_case; <c>left_out</c> for rows that are discarded or duplicates.</param>
/// <param name="NewlyLoaded">Rows it kept out, that would load.</param>
/// <param name="NewlyBroken">Rows that loaded, that it would keep out.</param>
public sealed record DryRunRule(string? Column, string Rule, long NewlyLoaded, long NewlyBroken, IReadOnlyList<DryRunExample> Examples);
