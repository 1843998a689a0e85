using DataPlatform.Failures;

namespace DataPlatform.Catalog;

/// <summary>
/// What a mart's table holds of each measure besides its value, and how the values of coarser groups come from that. Columns that start with <c>_</c> are
/// parts of measures: nobody selects them.
/// </summary>
public static class MeasureStorage
{
    /// <summary>Code of the refusal to aggregate further.</summary>
    public const string NotAdditiveCode = "NotAdditive";

    /// <summary>Whether a column of a mart's table is a part of a measure.</summary>
    public static bool IsHidden(string column) => column.StartsWith('_');

    /// <summary>The hidden columns of a measure, in the order of the table.</summary>
    public static IReadOnlyList<string> HiddenColumns(MeasureDefinition measure) => measure.Type switch
    {
        MeasureType.Avg => [SumOf(measure), CountOf(measure)],
        MeasureType.ApproxCountDistinct => [SketchOf(measure)],
        _ => [],
    };

    /// <summary>All columns of a mart's table, in its order.</summary>
    public static IReadOnlyList<string> Columns(MartDefinition mart) =>
    [
        .. mart.Dimensions.Select(dimension => dimension.Name),
        .. mart.Measures.Select(measure => measure.Name),
        .. mart.Measures.SelectMany(HiddenColumns),
    ];

    /// <summary>Whether values of coarser groups can be computed from the mart's rows.</summary>
    public static bool IsAdditive(MartDefinition mart, string measure) => Blocking(mart, Find(mart, measure)) is null;

    /// <summary>The measure over rows of the mart's table, as a DuckDB aggregate expression: put it into a SELECT with any GROUP BY. It has the type of the
    /// measure's own column (doubles stay doubles, decimals keep their scale).</summary>
    /// <exception cref="TerminalException"><c>NotAdditive</c> (400): names the measure, why, and what to do. <c>UnknownMeasure</c>.</exception>
    public static string Aggregate(MartDefinition mart, string measure)
    {
        var found = Find(mart, measure);
        if (Blocking(mart, found) is { } blocking)
        {
            var through = blocking.Name == measure ? "" : $" (which '{measure}' is made of)";
            throw new TerminalException(
                FailureKind.Invalid,
                NotAdditiveCode,
                $"The measure '{blocking.Name}'{through} of the mart '{mart.Name}' is {Why(blocking)}, which rows of finer groups do not tell. Group by all of its dimensions "
                    + $"({string.Join(", ", mart.Dimensions.Select(dimension => dimension.Name))}), make a mart of the dimensions you need"
                    + (blocking.Type == MeasureType.CountDistinct ? ", or define the measure as approx_count_distinct." : "."),
                measure);
        }

        return AggregateOf(mart, found);
    }

    internal static string SumOf(MeasureDefinition measure) => $"_{measure.Name}_sum";

    internal static string CountOf(MeasureDefinition measure) => $"_{measure.Name}_count";

    internal static string SketchOf(MeasureDefinition measure) => $"_{measure.Name}_sketch";

    /// <summary>A quotient as measures have it: a double, null over zero.</summary>
    internal static string Quotient(string numerator, string denominator) => $"CAST({numerator} AS DOUBLE) / nullif(CAST({denominator} AS DOUBLE), 0)";

    private static string AggregateOf(MartDefinition mart, MeasureDefinition measure) => measure.Type switch
    {
        MeasureType.Count => $"CAST(coalesce(sum({Quote(measure.Name)}), 0) AS BIGINT)",
        MeasureType.Sum => $"sum({Quote(measure.Name)})",
        MeasureType.Min => $"min({Quote(measure.Name)})",
        MeasureType.Max => $"max({Quote(measure.Name)})",
        MeasureType.Avg => Quotient($"sum({Quote(SumOf(measure))})", $"sum({Quote(CountOf(measure))})"),
        MeasureType.ApproxCountDistinct => SketchSql.Estimate(SketchSql.Merge(Quote(SketchOf(measure)))),
        _ => Quotient(AggregateOf(mart, Find(mart, measure.Numerator!)), AggregateOf(mart, Find(mart, measure.Denominator!))),
    };

    /// <returns>The measure that cannot be aggregated further: itself, or one that it is made of.</returns>
    private static MeasureDefinition? Blocking(MartDefinition mart, MeasureDefinition measure) => measure.Type switch
    {
        MeasureType.CountDistinct or MeasureType.Quantile => measure,
        MeasureType.Ratio => Blocking(mart, Find(mart, measure.Numerator!)) ?? Blocking(mart, Find(mart, measure.Denominator!)),
        _ => null,
    };

    private static string Why(MeasureDefinition measure) => measure.Type is MeasureType.Quantile ? "a quantile" : "an exact count of distinct values";

    private static MeasureDefinition Find(MartDefinition mart, string measure) =>
        mart.Measures.FirstOrDefault(known => known.Name == measure)
        ?? throw new TerminalException(
            FailureKind.Invalid,
            "UnknownMeasure",
            $"The mart '{mart.Name}' has no measure '{ObjectReader.Shorten(measure)}'.{DidYouMean.Sentence(measure, mart.Measures.Select(known => known.Name))}",
            measure);

    /// <summary>Names of measures have letters, digits and '_' only.</summary>
    private static string Quote(string name) => $"\"{name}\"";
}
