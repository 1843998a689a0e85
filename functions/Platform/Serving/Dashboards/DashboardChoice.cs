namespace DataPlatform.Serving.Dashboards;

/// <summary>What the reader of a dashboard chose to see.</summary>
public sealed record DashboardChoice
{
    /// <summary>Nothing chosen: what the dashboard opens with.</summary>
    public static readonly DashboardChoice None = new();

    /// <summary>An ISO 8601 duration, or <c>all</c>; null: the dashboard's default, or <see cref="From"/> and <see cref="To"/>.</summary>
    public string? Last { get; init; }

    /// <summary>The first moment; null: no limit.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The moment behind the last; null: no limit.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>By dimension, the values to show as text; an empty one stands for rows without a value.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Filters { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>As <see cref="Filters"/>, by a link: tiles that cannot keep to them are not shown.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Held { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}
