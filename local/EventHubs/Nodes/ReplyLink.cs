using Amqp;
using DataPlatform.Local.EventHubs.Protocol;

namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>Gives answers to requests, in their order, as the client has credit for them.</summary>
internal sealed class ReplyLink(LinkRequest request, RequestNode node) : OutgoingLink(request)
{
    /// <summary>A client that asks on and takes no answers is cut off.</summary>
    private const int MaxWaiting = 1000;

    private readonly Queue<byte[]> _waiting = new();

    public void Reply(Message message)
    {
        var buffer = message.Encode();
        lock (_waiting)
        {
            if (_waiting.Count >= MaxWaiting)
                throw new AmqpFaultException(ErrorCode.ResourceLimitExceeded, $"{MaxWaiting} answers wait for credit on the link '{Name}'.");
            _waiting.Enqueue(buffer.Buffer.AsSpan(buffer.Offset, buffer.Length).ToArray());
        }

        Signal.Give();
    }

    protected override Task<bool> SendAllAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            byte[]? next;
            lock (_waiting)
            {
                if (!_waiting.TryPeek(out next))
                    return Task.FromResult(true);
            }

            if (!TrySend(next))
                return Task.FromResult(false);
            lock (_waiting)
                _waiting.Dequeue();
        }
    }

    protected override void OnDetached() => node.Remove(this);
}
