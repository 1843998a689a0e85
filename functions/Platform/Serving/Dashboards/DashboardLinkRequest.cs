namespace DataPlatform.Serving.Dashboards;

/// <summary>What a link is asked to show.</summary>
/// <param name="Filters">By dimension, the values that it is held to.</param>
public sealed record DashboardLinkRequest(DateTimeOffset Expires, IReadOnlyDictionary<string, IReadOnlyList<string>> Filters);
