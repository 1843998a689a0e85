namespace DataPlatform.Local.Runtime.Durable;

internal enum LivePhase
{
    /// <summary>Nothing to do.</summary>
    Idle,

    /// <summary>Waits for a place among the running ones.</summary>
    Queued,

    /// <summary>A turn is being taken or committed.</summary>
    Turn,
}
