using System.Text.Json;

namespace DataPlatform.Tables;

/// <summary>What a file's writer knows of its rows: Delta's <c>stats</c>.</summary>
/// <param name="Rows">Delta's <c>numRecords</c>.</param>
/// <param name="Minimum">Column to smallest non-null value as Delta's JSON has it; columns without one are absent.</param>
/// <param name="Maximum">Column to largest non-null value; long strings may be cut off upwards.</param>
/// <param name="NullCount">Column to number of nulls.</param>
public sealed record FileStatistics(
    long Rows,
    IReadOnlyDictionary<string, JsonElement> Minimum,
    IReadOnlyDictionary<string, JsonElement> Maximum,
    IReadOnlyDictionary<string, long> NullCount);
