using System.Text.Json;

namespace DataPlatform.Serving.Inspection;

/// <summary>What a table's files say of a column.</summary>
/// <param name="Minimum">No value is smaller; null when it is not known, or all are null. NaN does not count.</param>
/// <param name="Maximum">No value is larger.</param>
/// <param name="Nulls">Null when a file does not say.</param>
/// <param name="Exact">Whether minimum and maximum are values of the column; else they only bound them: long texts are cut, timestamps
/// rounded to milliseconds.</param>
public sealed record ColumnStatistics(string Name, string Type, JsonElement? Minimum, JsonElement? Maximum, long? Nulls, bool Exact);
