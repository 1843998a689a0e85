using DataPlatform.Catalog;
using DataPlatform.Sql;

namespace DataPlatform.Aggregation;

/// <summary>An expression over the source's columns, with its place in the definition.</summary>
/// <param name="Name">Of the dimension or measure; empty for the mart's filter.</param>
/// <param name="Alias">The column that holds its value in the inner SELECT, quoted.</param>
/// <param name="Path">JSON path in the definition.</param>
/// <param name="IsColumn">True for a dimension that is the column of the same name.</param>
/// <param name="Measure">Null for dimensions.</param>
internal sealed record MartExpression(string Name, string Sql, string Alias, string Path, bool IsColumn, MeasureDefinition? Measure)
{
    /// <summary>Whether it says which rows count, instead of giving a value.</summary>
    public bool IsCondition { get; init; }

    /// <summary>On lines of its own, so that a comment at its end hides nothing.</summary>
    public string Wrapped => IsCondition ? $"((\n{Sql}\n) IS TRUE)" : $"(\n{Sql}\n)";

    /// <summary>Dimensions first, then measures with their conditions.</summary>
    public static IReadOnlyList<MartExpression> Of(MartDefinition mart) =>
    [
        .. mart.Dimensions.Select((dimension, index) => dimension.Sql is { } sql
            ? new MartExpression(dimension.Name, sql, $"\"_d{index}\"", $"$.dimensions[{index}].sql", IsColumn: false, Measure: null)
            : new MartExpression(
                dimension.Name, SqlText.Identifier(dimension.Name), $"\"_d{index}\"", $"$.dimensions[{index}].name", IsColumn: true, Measure: null)),
        .. mart.Measures.SelectMany((measure, index) => OfMeasure(measure, index)),
        .. mart.Filter is { } filter
            ? (MartExpression[])[new("", filter, "\"_filter\"", "$.filter", IsColumn: false, Measure: null) { IsCondition = true }]
            : [],
    ];

    private static IEnumerable<MartExpression> OfMeasure(MeasureDefinition measure, int index)
    {
        if (measure.Sql is { } sql)
            yield return new MartExpression(measure.Name, sql, $"\"_m{index}\"", $"$.measures[{index}].sql", IsColumn: false, measure);
        if (measure.Filter is { } filter)
            yield return new MartExpression(measure.Name, filter, $"\"_f{index}\"", $"$.measures[{index}].filter", IsColumn: false, measure) { IsCondition = true };
    }
}
