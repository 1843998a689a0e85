using DataPlatform.Sql.Lineage;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>How a column shapes another one, in the words of OpenLineage.</summary>
/// <param name="Type"><c>DIRECT</c>: its values are in the other's. <c>INDIRECT</c>: it decides about them.</param>
/// <param name="Subtype"><c>IDENTITY TRANSFORMATION AGGREGATION</c>; <c>JOIN FILTER GROUP_BY SORT WINDOW CONDITIONAL</c>.</param>
public sealed record LineageTransformation(string Type, string Subtype)
{
    private static readonly IReadOnlyList<(Influences Influence, LineageTransformation Word)> Words =
    [
        (Influences.Identity, new("DIRECT", "IDENTITY")),
        (Influences.Transformation, new("DIRECT", "TRANSFORMATION")),
        (Influences.Aggregation, new("DIRECT", "AGGREGATION")),
        (Influences.Join, new("INDIRECT", "JOIN")),
        (Influences.Filter, new("INDIRECT", "FILTER")),
        (Influences.GroupBy, new("INDIRECT", "GROUP_BY")),
        (Influences.Sort, new("INDIRECT", "SORT")),
        (Influences.Window, new("INDIRECT", "WINDOW")),
        (Influences.Conditional, new("INDIRECT", "CONDITIONAL")),
    ];

    public static IReadOnlyList<LineageTransformation> Of(Influences influences) =>
        [.. Words.Where(word => influences.HasFlag(word.Influence)).Select(word => word.Word)];
}
