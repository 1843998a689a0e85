namespace DataPlatform.Tables.Maintenance;

/// <summary>What the drop of a table deleted, or would delete.</summary>
/// <param name="Version">The table version that ended it; null in a dry run.</param>
/// <param name="Rows">Of the table; null when its log does not tell.</param>
/// <param name="Files">Of the table's newest version.</param>
/// <param name="MadeAnew">Another table was made under the name meanwhile: what is left of the old one goes with its vacuum.</param>
/// <param name="Also">What was kept elsewhere, by name.</param>
public sealed record DropResult(long? Version, long? Rows, int Files, long Bytes, bool MadeAnew, IReadOnlyDictionary<string, long> Also);
