namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Settings of the engine; the concurrency limits and the hub come from <c>host.json</c>.</summary>
internal sealed record DurableOptions
{
    public const string DefaultHubName = "LocalHub";

    /// <summary>The SQLite file. Processes on one machine may share it.</summary>
    public required string StorePath { get; init; }

    /// <summary>Whose state the file holds. Opening another hub's file is refused.</summary>
    public string HubName { get; init; } = DefaultHubName;

    public int MaxConcurrentActivities { get; init; } = 10 * Environment.ProcessorCount;

    public int MaxConcurrentOrchestrators { get; init; } = 5 * Environment.ProcessorCount;

    /// <summary>How long an activity stays with a process that gives no sign of life; renewed at a third of it.</summary>
    public TimeSpan ActivityLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often to look for what other processes left; own work is signalled, never polled for.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a stopping process waits for turns under way.</summary>
    public TimeSpan TurnGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Limit of one input, result, event or custom status, in UTF-8 bytes.</summary>
    public int MaxPayloadBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Whether failed activities come back with the error type "(unknown)", and failed instances without failure details, as the official
    /// host may do it: code that relies on either is then found out here. Messages are always intact, an instance's in its output.
    /// </summary>
    public bool HideErrorTypes { get; init; }

    /// <summary>Longer timers are made of several of this length, as on the official host.</summary>
    public TimeSpan MaxTimerInterval { get; init; } = TimeSpan.FromDays(3);
}
