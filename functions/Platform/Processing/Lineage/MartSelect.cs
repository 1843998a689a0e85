using DataPlatform.Catalog;
using DataPlatform.Sql;

namespace DataPlatform.Processing.Lineage;

/// <summary>A mart's definition as SQL that is read for its lineage only: which function a measure takes depends on types, what it comes from does not.</summary>
internal static class MartSelect
{
    public static string Of(MartDefinition mart)
    {
        // Expressions stand in a SELECT of their own, where they do not see the names that the mart gives.
        var dimensions = mart.Dimensions.Select((dimension, i) => (Inner: $"({Lines(dimension.Sql ?? SqlText.Identifier(dimension.Name))}) AS _d{i}", Outer: $"_d{i} AS {SqlText.Identifier(dimension.Name)}"));
        var measures = mart.Measures.Select((measure, i) => (
            Inner: Value(measure) is { } value ? $"({Lines(value)}) AS _m{i}" : null,
            Outer: $"{Aggregate(mart, i)} AS {SqlText.Identifier(measure.Name)}"));
        var items = dimensions.Select(item => (Inner: (string?)item.Inner, item.Outer)).Concat(measures).ToList();
        var inner = items.Select(item => item.Inner).OfType<string>().DefaultIfEmpty("1");
        var groups = mart.Dimensions.Count == 0 ? "" : $" GROUP BY {string.Join(", ", mart.Dimensions.Select((_, i) => $"_d{i}"))}";
        return $"SELECT {string.Join(", ", items.Select(item => item.Outer))} FROM (SELECT {string.Join(", ", inner)} FROM {SqlText.Identifier(mart.Source)}{(mart.Filter is null ? "" : $" WHERE ({Lines(mart.Filter)})")}){groups}";
    }

    /// <summary>On lines of its own, so that a comment at its end hides nothing.</summary>
    private static string Lines(string sql) => $"\n{sql}\n";

    private static string? Value(MeasureDefinition measure) => measure switch
    {
        { Filter: null } => measure.Sql,
        { Sql: null } => $"CASE WHEN ({Lines(measure.Filter)}) THEN 1 END",
        _ => $"CASE WHEN ({Lines(measure.Filter)}) THEN ({Lines(measure.Sql)}) END",
    };

    private static string Aggregate(MartDefinition mart, int index)
    {
        var measure = mart.Measures[index];
        return measure.Type == MeasureType.Ratio
            ? $"{Aggregate(mart, IndexOf(mart, measure.Numerator!))} / {Aggregate(mart, IndexOf(mart, measure.Denominator!))}"
            : Function(measure.Type, Value(measure) is null ? "*" : $"_m{index}");
    }

    private static int IndexOf(MartDefinition mart, string measure) => mart.Measures.TakeWhile(known => known.Name != measure).Count();

    private static string Function(MeasureType type, string value) => type switch
    {
        MeasureType.Count => $"count({value})",
        MeasureType.CountDistinct or MeasureType.ApproxCountDistinct => $"count(DISTINCT {value})",
        MeasureType.Sum => $"sum({value})",
        MeasureType.Avg => $"avg({value})",
        MeasureType.Min => $"min({value})",
        MeasureType.Quantile => $"median({value})",
        _ => $"max({value})",
    };
}
