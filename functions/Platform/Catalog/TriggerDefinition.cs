namespace DataPlatform.Catalog;

/// <summary>What starts a pipeline or a mart refresh besides a request: either a schedule or a change of sources.</summary>
public sealed record TriggerDefinition
{
    /// <summary>Five-field cron.</summary>
    public string? Schedule { get; init; }

    /// <summary>IANA name, for <see cref="Schedule"/>.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Tables whose commits start it.</summary>
    public IReadOnlyList<string>? OnChange { get; init; }
}
