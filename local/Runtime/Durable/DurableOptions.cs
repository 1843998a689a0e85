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

    /// <summary>How many activities beyond those a process leases ahead while it is alone.</summary>
    public int MaxActivitiesAhead { get; init; } = 256;

    public int MaxConcurrentOrchestrators { get; init; } = 5 * Environment.ProcessorCount;

    /// <summary>How long an activity stays with a process that gives no sign of life; renewed at a third of it.</summary>
    public TimeSpan ActivityLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often to look for what other processes left; own work is signalled, never polled for.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The same while other processes work on the store.</summary>
    public TimeSpan SharedPollInterval { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A turn that runs longer no longer counts among <see cref="MaxConcurrentOrchestrators"/>, so that others go on.</summary>
    public TimeSpan TurnLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An activity or a turn is failed after as many processes have died while they had it to do.</summary>
    public int MaxDeaths { get; init; } = 10;

    /// <summary>False lets leases say which processes live, as on a file system without locks.</summary>
    public bool UseFileLocks { get; init; } = true;

    /// <summary>Limit of the histories kept in memory, so that a turn reads only what is new.</summary>
    public long CacheBytes { get; init; } = 64 * 1024 * 1024;

    public int MaxHistoryEvents { get; init; } = 100_000;

    /// <summary>What the history of one execution may take in memory.</summary>
    public long MaxHistoryBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>How long a stopping process waits for turns under way.</summary>
    public TimeSpan TurnGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Limit of one input, result, event or custom status, in UTF-8 bytes. The official host takes 2 MB and loses instances of 3 MB.
    /// </summary>
    public int MaxPayloadBytes { get; init; } = 2_500_000;

    /// <summary>
    /// Whether failed activities come back with the error type "(unknown)", and failed instances without failure details, as the official
    /// host may do it: code that relies on either is then found out here. Messages are always intact, an instance's in its output.
    /// </summary>
    public bool HideErrorTypes { get; init; }

    /// <summary>Longer timers are made of several of this length, as on the official host.</summary>
    public TimeSpan MaxTimerInterval { get; init; } = TimeSpan.FromDays(3);
}
