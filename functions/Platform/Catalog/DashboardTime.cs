namespace DataPlatform.Catalog;

/// <summary>A dashboard's choice of time.</summary>
public sealed record DashboardTime
{
    /// <summary>The word for no limits.</summary>
    public const string All = "all";

    /// <summary>A dimension of dates or timestamps; tiles over marts without it show all times.</summary>
    public required string Dimension { get; init; }

    /// <summary>ISO 8601 durations that the page offers: the last so long.</summary>
    public IReadOnlyList<string> Presets { get; init; } = [];

    /// <summary>What the page opens with: a preset, or <see cref="All"/>.</summary>
    public string Default { get; init; } = All;

    /// <summary>Where presets end.</summary>
    public TimeEnd Until { get; init; } = TimeEnd.Now;

    /// <summary>The last day of data that ended: presets end with it, whatever <see cref="Until"/> says. Null for data that goes on.</summary>
    public DateOnly? LastDay { get; init; }
}
