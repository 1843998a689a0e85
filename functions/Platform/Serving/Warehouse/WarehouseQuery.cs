using System.Text.Json;

namespace DataPlatform.Serving.Warehouse;

/// <summary>A query of a caller.</summary>
/// <param name="Parameters">By number (<c>1</c>, <c>2</c> …) or name; texts, numbers, true, false or null.</param>
/// <param name="MaxRows">Null: as many as the platform gives.</param>
/// <param name="Timeout">Null: as long as the platform grants.</param>
/// <param name="Explain">Whether the plan is wanted instead of rows.</param>
/// <param name="Versions">Versions of tables by name; the newest of all others.</param>
public sealed record WarehouseQuery(
    string Sql,
    IReadOnlyDictionary<string, JsonElement> Parameters,
    RowFormat Format,
    long? MaxRows,
    TimeSpan? Timeout,
    bool Explain,
    IReadOnlyDictionary<string, long> Versions);
