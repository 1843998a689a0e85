using System.Buffers;
using Amqp;
using Amqp.Framing;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>A link on which the peer sends. It may have <paramref name="credit"/> messages under way; each that is settled makes place for another.</summary>
internal abstract class IncomingLink(LinkRequest request, uint credit) : AmqpLink(request)
{
    private const int KeptBytes = 128 * 1024;

    private readonly Lock _gate = new();
    private readonly bool _peerSettles = request.Attach.SndSettleMode == SenderSettleMode.Settled;
    private ArrayBufferWriter<byte> _held = new();
    private Transfer? _first;
    private bool _isTooLong;
    private uint _deliveryCount = request.Attach.InitialDeliveryCount;
    private uint _settledSinceFlow;
    private uint _underWay;

    /// <summary>The longest message, in bytes.</summary>
    public int MaxMessageBytes { get; } = request.Session.Options.MaxMessageBytes;

    public override void Describe(Attach answer) => answer.MaxMessageSize = (ulong)MaxMessageBytes;

    public override void Start() => SendFlow();

    public override void OnFlow(Flow flow)
    {
        lock (_gate)
            _deliveryCount = flow.HasField(5) ? flow.DeliveryCount : _deliveryCount;
        if (flow.Echo)
            SendFlow();
    }

    /// <summary>A frame of a message. Of a message that is too long the rest is read and dropped, so that its sender is told about it, not about the link.</summary>
    /// <exception cref="AmqpFaultException">Too much is unfinished on the connection.</exception>
    public ValueTask OnTransferAsync(Transfer transfer, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        _first ??= transfer;
        if (transfer.Aborted)
        {
            Drop();
            return ValueTask.CompletedTask;
        }

        _isTooLong |= _held.WrittenCount + payload.Length > MaxMessageBytes;
        if (transfer.More)
        {
            Hold(payload);
            return ValueTask.CompletedTask;
        }

        byte[] bytes;
        if (_held.WrittenCount == 0)
        {
            bytes = payload.ToArray();
        }
        else
        {
            Hold(payload);
            bytes = _held.WrittenSpan.ToArray();
        }

        var (first, isTooLong) = (_first, _isTooLong);
        Drop();
        lock (_gate)
        {
            _deliveryCount++;
            _underWay++;
        }

        var message = new IncomingMessage(first.DeliveryId, first.MessageFormat, first.Settled || _peerSettles, bytes);
        if (!isTooLong)
            return OnMessageAsync(message, cancellationToken);
        Settle(message, new AmqpFaultException(ErrorCode.MessageSizeExceeded, $"The message is longer than the {MaxMessageBytes} bytes that the link takes."));
        return ValueTask.CompletedTask;
    }

    /// <summary>Tells the peer what became of a message.</summary>
    /// <param name="error">Null when it was taken.</param>
    public void Settle(IncomingMessage message, AmqpFaultException? error = null)
    {
        if (!message.IsSettled)
            Session.Settle(message.DeliveryId, error is null ? new Accepted() : new Rejected { Error = error.ToError() });
        lock (_gate)
        {
            _underWay--;
            if (++_settledSinceFlow < Math.Max(1, credit / 4))
                return;
        }

        SendFlow();
    }

    /// <summary>A whole message. It is settled by <see cref="Settle"/> now or later. The connection reads on when this ends.</summary>
    protected abstract ValueTask OnMessageAsync(IncomingMessage message, CancellationToken cancellationToken);

    protected override void OnDetached() => Drop();

    private void Hold(ReadOnlyMemory<byte> payload)
    {
        if (_isTooLong)
            return;
        Session.HoldBytes(payload.Length);
        _held.Write(payload.Span);
    }

    private void Drop()
    {
        Session.HoldBytes(-_held.WrittenCount);
        // What a long message needed is not kept for the short ones after it.
        if (_held.Capacity > KeptBytes)
            _held = new ArrayBufferWriter<byte>();
        else
            _held.ResetWrittenCount();
        _first = null;
        _isTooLong = false;
    }

    private void SendFlow()
    {
        lock (_gate)
        {
            _settledSinceFlow = 0;
            Session.SendFlow(new Flow { Handle = Handle, DeliveryCount = _deliveryCount, LinkCredit = credit - Math.Min(credit, _underWay) });
        }
    }
}
