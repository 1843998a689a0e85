namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>What the endpoint grants to each connection.</summary>
internal sealed record AmqpOptions
{
    /// <summary>Names the endpoint in its Open.</summary>
    public string ContainerId { get; init; } = "dataplatform-eventhubs";

    /// <summary>The longest frame we take, in bytes.</summary>
    public int MaxFrameBytes { get; init; } = 64 * 1024;

    /// <summary>The longest message we take, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 1024 * 1024;

    /// <summary>A connection from which nothing comes for this long is closed.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(1);

    public ushort MaxChannel { get; init; } = 255;

    public uint MaxHandle { get; init; } = 255;

    /// <summary>Bytes of half-received messages that a connection may hold.</summary>
    public int IncomingBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Bytes of frames in line to be sent, beyond which a connection's links wait.</summary>
    public int OutgoingBytes { get; init; } = 1024 * 1024;
}
