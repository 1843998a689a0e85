namespace DataPlatform.Catalog;

/// <summary>One chart, number or table of a dashboard: a query over a mart and how it is drawn.</summary>
public sealed record TileDefinition
{
    /// <summary><c>[a-z][a-z0-9_-]{0,62}</c>, unique in the dashboard.</summary>
    public required string Name { get; init; }

    public required TileType Type { get; init; }

    /// <summary>Null: the name.</summary>
    public string? Title { get; init; }

    public string? Description { get; init; }

    /// <summary>Null: the dashboard's.</summary>
    public string? Mart { get; init; }

    /// <summary>Columns to group by that the mart has not, in the syntax of queries: <c>month(day) as month</c>.</summary>
    public string? Compute { get; init; }

    /// <summary>Dimensions and computed columns.</summary>
    public IReadOnlyList<string> GroupBy { get; init; } = [];

    /// <summary>Measures of the mart.</summary>
    public required IReadOnlyList<string> Measures { get; init; }

    /// <summary>A condition on the mart's rows, in the syntax of queries.</summary>
    public string? Filter { get; init; }

    /// <summary>Over groups and measures, in the syntax of queries; null: by the groups.</summary>
    public string? OrderBy { get; init; }

    /// <summary>Most rows; null: as many as an answer may have.</summary>
    public int? Top { get; init; }

    /// <summary>Of the measures.</summary>
    public string? Unit { get; init; }

    /// <summary>Digits behind the point; null: as fits the number.</summary>
    public int? Decimals { get; init; }

    /// <summary>Null: neither.</summary>
    public BetterWhen? Better { get; init; }

    /// <summary>Columns of the page it takes, of 4; null: as fits its type.</summary>
    public int? Width { get; init; }
}
