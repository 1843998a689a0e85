using Amqp;
using Amqp.Framing;
using Amqp.Types;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>
/// A session of a connection: its links, and how many transfers go either way. Frames come in by the connection's loop, one after another; links send from
/// threads of their own, in the order in which they hold <see cref="SendGate"/>.
/// </summary>
internal sealed class AmqpSession(AmqpConnection connection, ushort channel, Begin begin)
{
    private const uint IncomingWindow = 2048;

    /// <summary>What a transfer's performative takes at most, and a frame's header.</summary>
    private const int TransferOverheadBytes = 64;

    private readonly Dictionary<uint, AmqpLink> _links = [];

    /// <summary>Held while a link is attached, so that whoever takes it away does so behind the answer.</summary>
    private readonly Lock _attachGate = new();
    private uint _nextIncomingId = begin.NextOutgoingId;
    private uint _incomingSinceFlow;
    private uint _nextOutgoingId;
    private uint _remoteWindow = begin.IncomingWindow;
    private uint _nextDeliveryId;

    /// <summary>Held while deliveries are numbered and put in line.</summary>
    public Lock SendGate { get; } = new();

    public AmqpConnection Connection { get; } = connection;

    public AmqpOptions Options => Connection.Options;

    /// <summary>Answers the peer's begin.</summary>
    public void Open() => Send(new Begin
    {
        RemoteChannel = channel,
        NextOutgoingId = _nextOutgoingId,
        IncomingWindow = IncomingWindow,
        OutgoingWindow = IncomingWindow,
        HandleMax = Options.MaxHandle,
    });

    /// <summary>A frame for this session.</summary>
    public async ValueTask OnFrameAsync(DescribedList performative, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        switch (performative)
        {
            case Attach attach:
                OnAttach(attach);
                break;
            case Flow flow:
                OnFlow(flow);
                break;
            case Transfer transfer:
                await OnTransferAsync(transfer, payload, cancellationToken);
                break;
            case Dispose disposition:
                OnDisposition(disposition);
                break;
            case Detach detach:
                OnDetach(detach);
                break;
            default:
                throw new AmqpFaultException(ErrorCode.NotImplemented, $"{performative.GetType().Name} is not a frame of a session.");
        }
    }

    /// <summary>Sends a message in as many frames as it needs, if the peer's window has room for them.</summary>
    public bool TrySend(uint handle, ReadOnlySpan<byte> message, bool isSettled)
    {
        var room = (int)Math.Min(Connection.RemoteMaxFrameBytes, int.MaxValue) - TransferOverheadBytes;
        var frames = (uint)Math.Max(1, (message.Length + room - 1) / room);
        lock (SendGate)
        {
            if (_remoteWindow < frames)
                return false;
            var id = _nextDeliveryId++;
            var transfer = new Transfer { Handle = handle, DeliveryId = id, DeliveryTag = BitConverter.GetBytes(id), MessageFormat = 0, Settled = isSettled };
            while (message.Length > room)
            {
                transfer.More = true;
                Connection.Output.Write(isSasl: false, channel, transfer, message[..room]);
                message = message[room..];
                transfer = new Transfer { Handle = handle, More = true };
            }

            transfer.More = false;
            Connection.Output.Write(isSasl: false, channel, transfer, message);
            _nextOutgoingId += frames;
            _remoteWindow -= frames;
            return true;
        }
    }

    /// <summary>Sends a link's flow, completed with the session's.</summary>
    public void SendFlow(Flow flow)
    {
        lock (SendGate)
        {
            flow.NextIncomingId = _nextIncomingId;
            flow.IncomingWindow = IncomingWindow;
            flow.NextOutgoingId = _nextOutgoingId;
            flow.OutgoingWindow = IncomingWindow;
            _incomingSinceFlow = 0;
            Send(flow);
        }
    }

    public void Settle(uint deliveryId, DeliveryState state) =>
        Send(new Dispose { Role = true, First = deliveryId, Last = deliveryId, Settled = true, State = state });

    /// <summary>Ends a link from our side. Not an error when it has ended already.</summary>
    public void Detach(AmqpLink link, AmqpFaultException reason)
    {
        lock (_attachGate)
        {
            if (!Remove(link))
                return;
            Send(new Detach { Handle = link.Handle, Closed = true, Error = reason.ToError() });
        }

        link.Dispose();
    }

    /// <summary>Ends a link whose own work failed for a reason of ours.</summary>
    public void Fail(AmqpLink link, Exception exception)
    {
        Log.LinkFailed(Connection.Logger, exception, link.Name);
        Detach(link, new AmqpFaultException(ErrorCode.InternalError, "The link failed; try again."));
    }

    /// <summary>Counts bytes of half-received messages.</summary>
    public void HoldBytes(int bytes) => Connection.HoldBytes(bytes);

    /// <summary>The session is no more.</summary>
    public void End()
    {
        AmqpLink[] links;
        lock (_links)
        {
            links = [.. _links.Values];
            _links.Clear();
        }

        foreach (var link in links)
            link.Dispose();
    }

    private void OnAttach(Attach attach)
    {
        var request = new LinkRequest(this, attach);
        if (attach.Handle > Options.MaxHandle)
            throw new AmqpFaultException(ErrorCode.NotAllowed, $"Handles go to {Options.MaxHandle}.");
        if (Find(attach.Handle) is not null)
            throw new AmqpFaultException(ErrorCode.HandleInUse, $"The handle {attach.Handle} is in use.");
        AmqpLink? link = null;
        try
        {
            link = Connection.Container.Attach(request);
            lock (_attachGate)
            {
                lock (_links)
                    _links.Add(attach.Handle, link);
                link.Admit();
                var answer = Answer(request, isRefused: false);
                link.Describe(answer);
                Send(answer);
                link.Start();
            }
        }
        catch (AmqpFaultException fault)
        {
            if (link is not null && Remove(link))
                link.Dispose();
            // A refusal is an attach without our end, and a detach that says why.
            Send(Answer(request, isRefused: true));
            Send(new Detach { Handle = attach.Handle, Closed = true, Error = fault.ToError() });
        }
    }

    private static Attach Answer(LinkRequest request, bool isRefused)
    {
        var attach = request.Attach;
        var answer = new Attach
        {
            LinkName = attach.LinkName,
            Handle = attach.Handle,
            Role = !attach.Role,
            SndSettleMode = attach.SndSettleMode,
            RcvSettleMode = attach.RcvSettleMode,
            Source = isRefused && !request.PeerSends ? null : attach.Source,
            Target = isRefused && request.PeerSends ? null : attach.Target,
        };
        if (isRefused && !request.PeerSends)
            answer.InitialDeliveryCount = 0;
        return answer;
    }

    private void OnFlow(Flow flow)
    {
        lock (SendGate)
        {
            // A peer that has not seen our begin counts from where that begins: 0.
            _remoteWindow = (flow.HasField(0) ? flow.NextIncomingId : 0) + flow.IncomingWindow - _nextOutgoingId;
        }

        if (flow.HasHandle)
        {
            Find(flow.Handle)?.OnFlow(flow);
        }
        else if (flow.Echo)
        {
            SendFlow(new Flow());
        }

        foreach (var link in Links().OfType<OutgoingLink>())
            link.OnWindow();
    }

    private async ValueTask OnTransferAsync(Transfer transfer, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        bool renew;
        lock (SendGate)
        {
            _nextIncomingId++;
            renew = ++_incomingSinceFlow >= IncomingWindow / 2;
        }

        // A link that we have ended may have messages under way: they went nowhere, and the peer knows.
        if (Find(transfer.Handle) is IncomingLink link)
        {
            try
            {
                await link.OnTransferAsync(transfer, payload, cancellationToken);
            }
            catch (AmqpFaultException fault)
            {
                Detach(link, fault);
            }
        }

        if (renew)
            SendFlow(new Flow());
    }

    private void OnDisposition(Dispose disposition)
    {
        // Of what we sent nothing is kept, so there is nothing to settle but the peer's wish to hear that we did.
        if (disposition.Role && !disposition.Settled)
            Send(new Dispose { Role = false, First = disposition.First, Last = disposition.Last, Settled = true, State = disposition.State });
    }

    private void OnDetach(Detach detach)
    {
        if (Find(detach.Handle) is not { } link || !Remove(link))
            return;
        Send(new Detach { Handle = detach.Handle, Closed = detach.Closed });
        link.Dispose();
    }

    private void Send(DescribedList performative) => Connection.Output.Write(isSasl: false, channel, performative);

    private AmqpLink? Find(uint handle)
    {
        lock (_links)
            return _links.GetValueOrDefault(handle);
    }

    private AmqpLink[] Links()
    {
        lock (_links)
            return [.. _links.Values];
    }

    private bool Remove(AmqpLink link)
    {
        lock (_links)
            return _links.GetValueOrDefault(link.Handle) == link && _links.Remove(link.Handle);
    }
}
