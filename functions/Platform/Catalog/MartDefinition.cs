using System.Text.Json.Serialization;

namespace DataPlatform.Catalog;

/// <summary>An aggregated table: measures grouped by dimensions.</summary>
public sealed record MartDefinition
{
    /// <summary><c>[a-z][a-z0-9_]{0,62}</c>, unique over datasets, tables and marts.</summary>
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>A dataset or warehouse table.</summary>
    public required string Source { get; init; }

    /// <summary>SQL condition over the source's columns: only rows that meet it are aggregated. Null takes all.</summary>
    public string? Filter { get; init; }

    public required IReadOnlyList<DimensionDefinition> Dimensions { get; init; }

    public required IReadOnlyList<MeasureDefinition> Measures { get; init; }

    /// <summary>The dimensions whose values are the units of recomputation.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    public IReadOnlyList<TriggerDefinition> Triggers { get; init; } = [];

    /// <summary>ISO 8601 duration: how old the mart may be against its source before it counts as stale.</summary>
    public string? Freshness { get; init; }

    /// <summary>The tables it is computed from, each once.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Tables => [Source];
}
