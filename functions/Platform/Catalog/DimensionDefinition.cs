namespace DataPlatform.Catalog;

/// <summary>A column that a mart groups by.</summary>
/// <param name="Sql">Expression over the source's columns; null means the column of the same name.</param>
public sealed record DimensionDefinition(string Name, string? Sql = null, string? Description = null)
{
    /// <summary>Cuts a date or timestamp down: to a timestamp for <see cref="TimeGrain.Hour"/>, else to the date of the first day.</summary>
    public TimeGrain? Grain { get; init; }
}
