namespace DataPlatform.Catalog;

/// <summary>An aggregate of a mart.</summary>
/// <param name="Sql">Expression over the source's columns; <see cref="MeasureType.Count"/> may go without, <see cref="MeasureType.Ratio"/>
/// has none.</param>
public sealed record MeasureDefinition(string Name, MeasureType Type, string? Sql = null, string? Description = null)
{
    /// <summary>SQL condition: only rows that meet it count. Null takes all.</summary>
    public string? Filter { get; init; }

    /// <summary>For <see cref="MeasureType.Quantile"/>: 0 to 1.</summary>
    public double? Q { get; init; }

    /// <summary>For <see cref="MeasureType.Ratio"/>: the name of another measure.</summary>
    public string? Numerator { get; init; }

    /// <summary>For <see cref="MeasureType.Ratio"/>: the name of another measure. Where it is 0, the ratio is null.</summary>
    public string? Denominator { get; init; }
}
