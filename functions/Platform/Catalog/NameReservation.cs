namespace DataPlatform.Catalog;

/// <summary>The row that reserves a table's name.</summary>
/// <param name="Kind">With <paramref name="Owner"/>, the document it belongs to.</param>
/// <param name="At">When it was taken, or taken again.</param>
internal sealed record NameReservation(DefinitionKind Kind, string Owner, DateTimeOffset At);
