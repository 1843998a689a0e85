namespace DataPlatform.Local.Runtime.Functions;

/// <summary>What starts a function.</summary>
internal enum TriggerKind
{
    Http,
    Timer,
    Orchestration,
    Activity,
    EventHub,
}
