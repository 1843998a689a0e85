using DataPlatform.Catalog;
using DataPlatform.Sql;

namespace DataPlatform.Aggregation;

/// <summary>An expression over the source's columns, with its place in the definition.</summary>
/// <param name="Name">Of the dimension or measure.</param>
/// <param name="Alias">The column that holds its value in the inner SELECT, quoted.</param>
/// <param name="Path">JSON path in the definition.</param>
/// <param name="IsColumn">True for a dimension that is the column of the same name.</param>
/// <param name="Measure">Null for dimensions.</param>
internal sealed record MartExpression(string Name, string Sql, string Alias, string Path, bool IsColumn, MeasureDefinition? Measure)
{
    /// <summary>On lines of its own, so that a comment at its end hides nothing.</summary>
    public string Wrapped => $"(\n{Sql}\n)";

    public static IReadOnlyList<MartExpression> Of(MartDefinition mart) =>
    [
        .. mart.Dimensions.Select((dimension, index) => dimension.Sql is { } sql
            ? new MartExpression(dimension.Name, sql, $"\"_d{index}\"", $"$.dimensions[{index}].sql", IsColumn: false, Measure: null)
            : new MartExpression(
                dimension.Name, SqlText.Identifier(dimension.Name), $"\"_d{index}\"", $"$.dimensions[{index}].name", IsColumn: true, Measure: null)),
        .. mart.Measures
            .Select((measure, index) => (measure, index))
            .Where(pair => pair.measure.Sql is not null)
            .Select(pair => new MartExpression(
                pair.measure.Name, pair.measure.Sql!, $"\"_m{pair.index}\"", $"$.measures[{pair.index}].sql", IsColumn: false, pair.measure)),
    ];
}
