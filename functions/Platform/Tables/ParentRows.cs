namespace DataPlatform.Tables;

/// <summary>Rows of a batch's quarantine, as the log names them.</summary>
/// <param name="Ranges">Their numbers in the batch, as in <c>1-5,9</c>; null when they are too many for the log.</param>
/// <param name="Object">Path of the object that holds the ranges then.</param>
public sealed record ParentRows(string? Ranges, string? Object = null);
