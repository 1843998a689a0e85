using DataPlatform.Catalog;
using DataPlatform.Operations;

namespace DataPlatform.Triggers;

/// <summary>A pipeline or mart as its triggers see it.</summary>
/// <param name="Targets">The tables it writes.</param>
internal sealed record TriggeredDefinition(
    RunKind Kind,
    string Name,
    long Version,
    DateTimeOffset Created,
    DateTimeOffset Updated,
    IReadOnlyList<TriggerDefinition> Triggers,
    IReadOnlyList<string> Targets)
{
    public static TriggeredDefinition Of(CatalogEntry<PipelineDefinition> entry) => new(
        RunKind.Pipeline,
        entry.Definition.Name,
        entry.Version,
        entry.Created,
        entry.Updated,
        entry.Definition.Triggers,
        [.. entry.Definition.Steps.Select(step => step.Target).Distinct()])
    {
        Concurrency = entry.Definition.Concurrency,
    };

    public static TriggeredDefinition Of(CatalogEntry<MartDefinition> entry) => new(
        RunKind.Refresh, entry.Definition.Name, entry.Version, entry.Created, entry.Updated, entry.Definition.Triggers, [entry.Definition.Name]);

    public RunConcurrency Concurrency { get; init; }

    /// <summary>Tells it from all others.</summary>
    public string Key => $"{Kind}-{Name}";

    public IEnumerable<TriggerDefinition> OnChange => Triggers.Where(trigger => trigger is { Enabled: true, OnChange: not null });

    public bool Watches(string table) => OnChange.Any(trigger => trigger.OnChange!.Contains(table));

    /// <summary>Whether the end of a pipeline's run may start it.</summary>
    public bool Follows(string pipeline) => Triggers.Any(trigger => trigger is { Enabled: true, After: not null } && trigger.After.Contains(pipeline));

    public override string ToString() => Kind == RunKind.Pipeline ? $"pipeline '{Name}'" : $"mart '{Name}'";
}
