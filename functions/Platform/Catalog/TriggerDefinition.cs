namespace DataPlatform.Catalog;

/// <summary>What starts a pipeline or a mart refresh besides a request: a schedule, a change of tables, or the end of another pipeline's
/// run.</summary>
public sealed record TriggerDefinition
{
    /// <summary>How long a source must have been quiet before a change starts a run, unless the trigger says.</summary>
    public static readonly TimeSpan DefaultDebounce = TimeSpan.FromSeconds(5);

    /// <summary>A trigger that is switched off starts nothing; what happens meanwhile is not made up for.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Five-field cron.</summary>
    public string? Schedule { get; init; }

    /// <summary>IANA name, for <see cref="Schedule"/>; null is UTC.</summary>
    public string? TimeZone { get; init; }

    /// <summary>For <see cref="Schedule"/>.</summary>
    public CatchUp CatchUp { get; init; }

    /// <summary>Tables whose commits start it.</summary>
    public IReadOnlyList<string>? OnChange { get; init; }

    /// <summary>ISO 8601 duration, for <see cref="OnChange"/>.</summary>
    public string? Debounce { get; init; }

    /// <summary>Pipelines whose runs' ends start it.</summary>
    public IReadOnlyList<string>? After { get; init; }

    /// <summary>For <see cref="After"/>.</summary>
    public RunOutcome On { get; init; }

    internal TimeSpan DebounceTime =>
        Debounce is not null && Iso8601Duration.TryParse(Debounce, out var duration) ? duration : DefaultDebounce;
}
