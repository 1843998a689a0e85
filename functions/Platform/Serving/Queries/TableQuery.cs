using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries;

/// <summary>A query over the rows of one table, whichever door it came through.</summary>
public sealed record TableQuery
{
    /// <summary>What happens to the table's rows first, in this order. All else is about the rows that come out.</summary>
    public IReadOnlyList<ApplyStep> Apply { get; init; } = [];

    /// <summary>The columns to return, in their order.</summary>
    public required IReadOnlyList<TableColumn> Select { get; init; }

    /// <summary>A boolean expression; rows for which it is false or null are left out.</summary>
    public Expression? Filter { get; init; }

    public IReadOnlyList<OrderTerm> OrderBy { get; init; } = [];

    /// <summary>At most so many rows; null leaves it to the door.</summary>
    public long? Top { get; init; }

    public long Skip { get; init; }

    /// <summary>Whether the number of rows that pass the filter is wanted, too.</summary>
    public bool Count { get; init; }

    /// <summary>Names of the columns that tell rows apart because they were grouped by; null when the rows are still the table's. Empty: there is one row.</summary>
    public IReadOnlyList<TableColumn>? GroupKeys => Apply.OfType<GroupStep>().LastOrDefault()?.Keys;

    /// <summary>The conditions that the table's own rows must meet to count for the result.</summary>
    public IEnumerable<Expression> RowConditions =>
        Apply.TakeWhile(step => step is not GroupStep).OfType<FilterStep>().Select(step => step.Condition)
            .Concat(GroupKeys is null && Filter is not null ? [Filter] : []);
}
