namespace DataPlatform.Sql.Lineage;

/// <summary>UNION, INTERSECT and EXCEPT.</summary>
internal static class SetOperations
{
    public static QueryLineage Of(string type, bool all, QueryLineage left, QueryLineage right) => (type, all) switch
    {
        ("UNION", true) => Stack(left, right),
        ("UNION", false) => Distinct(Stack(left, right)),
        ("UNION_BY_NAME", true) => StackByName(left, right),
        ("UNION_BY_NAME", false) => Distinct(StackByName(left, right)),
        ("INTERSECT" or "EXCEPT", _) => left with { Rows = left.Rows.And(right.Rows).And(AllOf(left).And(AllOf(right)).As(Influences.Filter)) },
        _ => new QueryLineage([], Flow.NotKnown($"{type} is not followed"), _ => Flow.NotKnown($"{type} is not followed")),
    };

    /// <summary>UNION ALL: columns by their place, names of the left side.</summary>
    public static QueryLineage Stack(QueryLineage left, QueryLineage right)
    {
        var rows = left.Rows.And(right.Rows);
        if (left.Rest is null && right.Rest is null && left.Columns.Count == right.Columns.Count)
            return new QueryLineage([.. left.Columns.Zip(right.Columns, (a, b) => a with { Flow = a.Flow.And(b.Flow) })], rows, Rest: null);

        const string Reason = "the columns of a UNION are taken by their place, and those of one side are not all known";
        return new QueryLineage(
            [.. left.Columns.Select(column => column with { Flow = column.Flow.And(Flow.NotKnown(Reason)) })],
            rows,
            left.Rest is null ? null : _ => Flow.NotKnown(Reason));
    }

    /// <summary>Rows that are alike in all columns are one.</summary>
    public static QueryLineage Distinct(QueryLineage result) => result with { Rows = result.Rows.And(AllOf(result).As(Influences.GroupBy)) };

    /// <summary>What any column comes from.</summary>
    public static Flow AllOf(QueryLineage result) => result.Columns.Aggregate(
        result.Rest is null ? Flow.None : Flow.NotKnown("not all columns are known"), (all, column) => all.And(column.Flow));

    private static QueryLineage StackByName(QueryLineage left, QueryLineage right) => new(
        [
            .. left.Columns.Select(column => column with { Flow = right.Find(column.Name) is { } other ? column.Flow.And(other) : column.Flow }),
            .. right.Columns
                .Where(column => !left.Columns.Any(own => own.Name.Equals(column.Name, StringComparison.OrdinalIgnoreCase)))
                .Select(column => left.Rest is null ? column : column with { Flow = column.Flow.And(left.Rest(column.Name)) }),
        ],
        left.Rows.And(right.Rows),
        (left.Rest, right.Rest) switch
        {
            (null, null) => null,
            (var one, null) => one,
            (null, var one) => one,
            var (a, b) => name => a(name).And(b(name)),
        });
}
