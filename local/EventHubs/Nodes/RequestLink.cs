using Amqp;
using DataPlatform.Local.EventHubs.Protocol;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Takes requests for a node.</summary>
internal sealed class RequestLink(LinkRequest request, RequestNode node) : IncomingLink(request, RequestsUnderWay)
{
    private const uint RequestsUnderWay = 100;

    protected override ValueTask OnMessageAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        try
        {
            AmqpEncoding.Check(message.Bytes.Span);
            node.Process(Decode(message.Bytes));
            Settle(message);
        }
        catch (AmqpFaultException fault)
        {
            Settle(message, fault);
        }

        return ValueTask.CompletedTask;
    }

    private static Message Decode(ReadOnlyMemory<byte> bytes)
    {
        var array = bytes.ToArray();
        try
        {
            return Message.Decode(new ByteBuffer(array, 0, array.Length, array.Length));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The decoder meets bytes from outside with whatever exception its casts and indexes give.
            throw new AmqpFaultException(ErrorCode.DecodeError, "The request cannot be decoded.", exception);
        }
    }
}
