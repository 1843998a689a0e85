using DataPlatform.Tables;

namespace DataPlatform.Serving.Queries;

/// <summary>A query over the rows of one table, whichever door it came through.</summary>
public sealed record TableQuery
{
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
}
