namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>Bounds of what a fetch may take, in time and bytes.</summary>
internal sealed record FetchLimits
{
    public static readonly FetchLimits Default = new();

    public long MaxBytes { get; init; } = 10L << 30;

    /// <summary>How long the server may be silent.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long all of it may take.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromHours(2);

    /// <summary>How long one call works before it hands back its checkpoint: activities are to be short.</summary>
    public TimeSpan Slice { get; init; } = TimeSpan.FromMinutes(5);

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public int MaxRedirects { get; init; } = 5;

    /// <summary>In KiB, of one answer.</summary>
    public int MaxHeaderKilobytes { get; init; } = 32;

    /// <summary>Requests in a row that bring nothing.</summary>
    public int MaxFailures { get; init; } = 6;

    public int MaxAttempts { get; init; } = 200;

    /// <summary>How often a file may be begun anew because it changed or its server cannot resume.</summary>
    public int MaxRestarts { get; init; } = 3;

    /// <summary>Before the second attempt; doubled for each further one.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The most that a server's <c>Retry-After</c> is heeded.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What is lost at most when the process dies.</summary>
    public long PartBytes { get; init; } = 64L << 20;

    /// <summary>The limits that are settings, and the defaults of the others.</summary>
    public static FetchLimits Of(PlatformOptions options) => Default with
    {
        MaxBytes = options.MaxFetchBytes,

        // So many parts that one row holds their names, however large files may be.
        PartBytes = Math.Max(Default.PartBytes, options.MaxFetchBytes / 500),
        IdleTimeout = options.FetchIdleTimeout,
        Deadline = options.FetchDeadline,
    };
}
