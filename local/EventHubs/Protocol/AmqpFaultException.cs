using Amqp.Framing;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>A refusal that the peer is told by an AMQP condition: of a link while it is attached, of a message, else of the whole connection.</summary>
internal sealed class AmqpFaultException(string condition, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>As in the specification (<c>amqp:not-found</c>) or Event Hubs' own (<c>com.microsoft:…</c>).</summary>
    public string Condition { get; } = condition;

    public Error ToError() => new(new Symbol(Condition)) { Description = Message };
}
