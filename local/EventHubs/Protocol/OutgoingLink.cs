using Amqp.Framing;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>A link on which we send, as many messages as the peer gave credit for.</summary>
internal abstract class OutgoingLink(LinkRequest request) : AmqpLink(request)
{
    private readonly bool _isSettled = request.Attach.SndSettleMode == SenderSettleMode.Settled;
    private uint _deliveryCount;
    private uint _credit;
    private bool _isDraining;

    /// <summary>Given when there may be something to do: credit, a wish to drain, and what the link's own source has.</summary>
    protected Storage.AsyncSignal Signal { get; } = new();

    /// <summary>Whether the peer takes a message now, as far as the link goes.</summary>
    protected bool HasCredit
    {
        get
        {
            lock (Session.SendGate)
                return _credit > 0;
        }
    }

    public override void Describe(Attach answer) => answer.InitialDeliveryCount = 0;

    public override void Start() => _ = RunAsync();

    public override void OnFlow(Flow flow)
    {
        lock (Session.SendGate)
        {
            // What the peer had seen when it wrote this, and how many more it takes from there on.
            var behind = _deliveryCount - (flow.HasField(5) ? flow.DeliveryCount : 0);
            _credit = flow.LinkCredit > behind ? flow.LinkCredit - behind : 0;
            _isDraining = flow.Drain;
            if (flow.Echo)
                SendFlow();
        }

        Signal.Give();
    }

    /// <summary>The session may send again. For the session.</summary>
    public void OnWindow() => Signal.Give();

    /// <summary>Sends until nothing is there to send, or to be sent.</summary>
    /// <returns>Whether the source has no more for now.</returns>
    protected abstract Task<bool> SendAllAsync(CancellationToken cancellationToken);

    /// <summary>Sends a message if the peer takes one now.</summary>
    protected bool TrySend(ReadOnlySpan<byte> message)
    {
        lock (Session.SendGate)
        {
            if (_credit == 0 || !Session.TrySend(Handle, message, _isSettled))
                return false;
            _credit--;
            _deliveryCount++;
            return true;
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await Signal.WaitAsync(Detached);
                EndDrain(isEmpty: await SendAllAsync(Detached));
            }
        }
        catch (OperationCanceledException)
        {
            // The link is no more.
        }
        catch (AmqpFaultException fault)
        {
            Session.Detach(this, fault);
        }
        catch (Exception exception)
        {
            Session.Fail(this, exception);
        }
    }

    private void EndDrain(bool isEmpty)
    {
        lock (Session.SendGate)
        {
            if (!_isDraining || (!isEmpty && _credit > 0))
                return;
            _deliveryCount += _credit;
            _credit = 0;
            _isDraining = false;
            SendFlow();
        }
    }

    private void SendFlow() => Session.SendFlow(new Flow { Handle = Handle, DeliveryCount = _deliveryCount, LinkCredit = _credit, Available = 0, Drain = _isDraining });
}
