using DataPlatform.Catalog;

namespace DataPlatform.Triggers;

/// <summary>One trigger.</summary>
/// <param name="Definition">As it was put, with its defaults.</param>
/// <param name="NextRun">Of a schedule that is switched on.</param>
public sealed record TriggerView(TriggerDefinition Definition, DateTimeOffset? NextRun);
