namespace DataPlatform.Operational;

/// <param name="Next">The cursor of the next page; null on the last one. A page may have few items, or none, and still have a next one.</param>
public sealed record OperationalPage(IReadOnlyList<OperationalItem> Items, string? Next);
