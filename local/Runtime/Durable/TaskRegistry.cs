using System.Diagnostics.CodeAnalysis;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The code behind the names; case is ignored.</summary>
internal sealed class TaskRegistry
{
    private readonly Dictionary<string, Orchestrator> _orchestrators = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Activity> _activities = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyCollection<string> Orchestrators => _orchestrators.Keys;

    public IReadOnlyCollection<string> Activities => _activities.Keys;

    public TaskRegistry AddOrchestrator(string name, Orchestrator orchestrator)
    {
        _orchestrators.Add(name, orchestrator);
        return this;
    }

    public TaskRegistry AddActivity(string name, Activity activity)
    {
        _activities.Add(name, activity);
        return this;
    }

    public bool TryGetOrchestrator(string name, [NotNullWhen(true)] out Orchestrator? orchestrator) =>
        _orchestrators.TryGetValue(name, out orchestrator);

    public bool TryGetActivity(string name, [NotNullWhen(true)] out Activity? activity) => _activities.TryGetValue(name, out activity);
}
