namespace DataPlatform.Catalog;

/// <summary>A page of charts over marts.</summary>
public sealed record DashboardDefinition
{
    /// <summary><c>[a-z][a-z0-9_-]{0,62}</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Stands at the top of the page; null: the name.</summary>
    public string? Title { get; init; }

    public string? Description { get; init; }

    /// <summary>The mart of tiles that name none.</summary>
    public string? Mart { get; init; }

    /// <summary>What the page's choice of time works on; null: it has none.</summary>
    public DashboardTime? Time { get; init; }

    public IReadOnlyList<DashboardFilter> Filters { get; init; } = [];

    /// <summary>ISO 8601 duration: how often an open page looks for newer data; null: when it is asked to.</summary>
    public string? Refresh { get; init; }

    public required IReadOnlyList<TileDefinition> Tiles { get; init; }

    /// <summary>The mart that a tile shows.</summary>
    public string MartOf(TileDefinition tile) => tile.Mart ?? Mart!;
}
