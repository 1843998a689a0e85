namespace DataPlatform.Ingestion.Preview;

/// <summary>A dataset that a batch has made.</summary>
/// <param name="Rows">Rows that its contract was inferred from.</param>
/// <param name="Warnings">What its owner should look at.</param>
/// <param name="Links">Addresses of what belongs to it, without scheme and host.</param>
public sealed record CreatedDataset(string Name, long DefinitionVersion, long Rows, IReadOnlyList<string> Warnings, IReadOnlyDictionary<string, string> Links);
