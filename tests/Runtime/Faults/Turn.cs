namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>One turn of an orchestrator: a scope of its own, which ends with the turn.</summary>
public sealed class Turn(TurnJournal journal) : IDisposable
{
    private string? _instance;
    private long _number;

    public void Begin(string instance)
    {
        _instance = instance;
        _number = journal.Begin(instance);
    }

    public void Dispose()
    {
        if (_instance is not null) journal.End(_instance, _number);
    }
}
