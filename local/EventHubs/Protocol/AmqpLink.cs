using Amqp.Framing;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>Our end of a link.</summary>
internal abstract class AmqpLink : IDisposable
{
    private readonly CancellationTokenSource _detached = new();

    protected AmqpLink(LinkRequest request)
    {
        Session = request.Session;
        Handle = request.Attach.Handle;
        Name = request.Name;
        Detached = _detached.Token;
    }

    public AmqpSession Session { get; }

    public uint Handle { get; }

    public string Name { get; }

    /// <summary>Fires when the link is no more.</summary>
    public CancellationToken Detached { get; }

    public bool IsDetached { get; private set; }

    /// <summary>The session has the link: the last chance to refuse it.</summary>
    /// <exception cref="AmqpFaultException">It is refused.</exception>
    public virtual void Admit()
    {
    }

    /// <summary>Completes the answer to the peer's attach.</summary>
    public virtual void Describe(Attach answer)
    {
    }

    /// <summary>Begins, behind the answer to the attach.</summary>
    public abstract void Start();

    /// <summary>The peer tells its state of the link.</summary>
    public abstract void OnFlow(Flow flow);

    /// <summary>The link is no more: because the peer, we or the connection ended it. Called once.</summary>
    protected virtual void OnDetached()
    {
    }

    /// <summary>Ends our end. For the session, once.</summary>
    public void Dispose()
    {
        IsDetached = true;
        _detached.Cancel();
        OnDetached();
        _detached.Dispose();
    }
}
