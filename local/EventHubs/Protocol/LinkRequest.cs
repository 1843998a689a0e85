using Amqp.Framing;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>A link that the peer asks for.</summary>
internal sealed class LinkRequest(AmqpSession session, Attach attach)
{
    public AmqpSession Session { get; } = session;

    public Attach Attach { get; } = attach;

    public string Name => Attach.LinkName;

    /// <summary>Whether the peer sends on it, and we receive.</summary>
    public bool PeerSends => !Attach.Role;

    /// <summary>Our end of it: what the peer sends to, or receives from.</summary>
    public string? Address => PeerSends ? (Attach.Target as Target)?.Address : (Attach.Source as Source)?.Address;

    /// <summary>The peer's end of it, where it names one.</summary>
    public string? PeerAddress => PeerSends ? (Attach.Source as Source)?.Address : (Attach.Target as Target)?.Address;

    public object? Property(string name) => Attach.Properties?[new Symbol(name)];

    public bool Desires(string capability) => Attach.DesiredCapabilities is { } desired && desired.Any(symbol => (string)symbol == capability);
}
