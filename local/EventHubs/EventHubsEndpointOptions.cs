namespace DataPlatform.Local.EventHubs;

/// <summary>How the endpoint is started.</summary>
public sealed record EventHubsEndpointOptions
{
    /// <summary>Port of the official emulator.</summary>
    public const int DefaultPort = 5672;

    /// <summary>Port of the official emulator's health answer.</summary>
    public const int DefaultHealthPort = 5300;

    /// <summary>Where the events are kept. One process has the folder at a time.</summary>
    public required string Folder { get; init; }

    /// <summary>The event hubs: JSON as in the official emulator's <c>Config.json</c>.</summary>
    public required string Configuration { get; init; }

    /// <summary>The address to listen on; nobody but this machine reaches the default.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>AMQP. 0: one that is free.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>HTTP: <c>GET /health</c>. 0: one that is free; null: none.</summary>
    public int? HealthPort { get; init; } = DefaultHealthPort;

    /// <summary>A PKCS #12 file. With it, AMQP is spoken over TLS.</summary>
    public string? CertificatePath { get; init; }

    public string? CertificatePassword { get; init; }

    public string KeyName { get; init; } = "RootManageSharedAccessKey";

    /// <summary>What clients sign their tokens with; the emulator's own by default.</summary>
    public string Key { get; init; } = "SAS_KEY_VALUE";

    /// <summary>Whether Ctrl-C and SIGTERM end it; false where it is part of a program that decides itself.</summary>
    public bool EndsBySignal { get; init; } = true;

    /// <summary>How long events are kept at least.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The most bytes that a partition keeps.</summary>
    public long RetentionBytes { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>The length at which a file of a partition is closed.</summary>
    public long SegmentBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Bytes of events that wait to be stored, over all connections; beyond it producers wait.</summary>
    public long WaitingBytes { get; init; } = 64L * 1024 * 1024;
}
