using Amqp;
using Amqp.Framing;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>A peer's connection, from its first byte to its last.</summary>
internal sealed class AmqpConnection
{
    private const uint LeastMaxFrameBytes = 512;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    private readonly ConnectionContext _transport;
    private readonly TimeProvider _clock;
    private readonly AmqpFrameReader _input;
    private readonly Dictionary<ushort, AmqpSession> _sessions = [];
    private long _lastRead;
    private TimeSpan? _heartbeat;
    private int _heldBytes;

    public AmqpConnection(ConnectionContext transport, Func<AmqpConnection, IAmqpContainer> container, AmqpOptions options, TimeProvider clock, ILogger logger)
    {
        _transport = transport;
        _clock = clock;
        _input = new AmqpFrameReader(transport.Transport.Input, options.MaxFrameBytes);
        Options = options;
        Logger = logger;
        Output = new AmqpOutput(transport.Transport.Output, options.OutgoingBytes);
        Container = container(this);
    }

    public AmqpOptions Options { get; }

    public ILogger Logger { get; }

    public AmqpOutput Output { get; }

    public IAmqpContainer Container { get; }

    /// <summary>The longest frame that the peer takes.</summary>
    public uint RemoteMaxFrameBytes { get; private set; } = LeastMaxFrameBytes;

    /// <summary>Speaks with the peer until one of both ends it.</summary>
    public async Task RunAsync()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(_transport.ConnectionClosed);
        _lastRead = _clock.GetTimestamp();
        var writing = Output.RunAsync(ended.Token);
        var watching = WatchAsync(ended.Token);
        try
        {
            await ReadAsync(ended.Token);
        }
        catch (AmqpFaultException fault)
        {
            Log.ConnectionRefused(Logger, _transport.ConnectionId, fault.Message);
            Output.Write(isSasl: false, 0, new Close { Error = fault.ToError() });
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ConnectionResetException)
        {
            // The peer has gone, or the watch has ended it.
        }
        finally
        {
            foreach (var session in _sessions.Values)
                session.End();
            Output.End();
            await IgnoreEndAsync(writing);
            await ended.CancelAsync();
            await IgnoreEndAsync(watching);
        }
    }

    /// <summary>Counts bytes of messages of which not all has come yet.</summary>
    /// <exception cref="AmqpFaultException">They are too many.</exception>
    public void HoldBytes(int bytes)
    {
        if (Interlocked.Add(ref _heldBytes, bytes) <= Options.IncomingBytes || bytes <= 0)
            return;
        throw new AmqpFaultException(ErrorCode.ResourceLimitExceeded, $"More than {Options.IncomingBytes} bytes of unfinished messages on one connection.");
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!await SaslExchange.RunAsync(_input, Output, cancellationToken))
            return;
        while (await _input.ReadAsync(cancellationToken) is { } frame)
        {
            _lastRead = _clock.GetTimestamp();
            await Output.WaitForRoomAsync(cancellationToken);
            if (frame.Performative is not null && !await OnFrameAsync(frame, cancellationToken))
                return;
        }
    }

    /// <returns>False when the connection has ended.</returns>
    private async ValueTask<bool> OnFrameAsync(AmqpFrame frame, CancellationToken cancellationToken)
    {
        switch (frame.Performative)
        {
            case Open open:
                OnOpen(open);
                return true;
            case Begin begin:
                OnBegin(frame.Channel, begin);
                return true;
            case Close:
                Output.Write(isSasl: false, 0, new Close());
                return false;
            case End:
                if (_sessions.Remove(frame.Channel, out var ended))
                    ended.End();
                Output.Write(isSasl: false, frame.Channel, new End());
                return true;
            default:
                if (!_sessions.TryGetValue(frame.Channel, out var session))
                    throw new AmqpFaultException(ErrorCode.NotFound, $"No session has begun on channel {frame.Channel}.");
                await session.OnFrameAsync(frame.Performative!, frame.Payload, cancellationToken);
                return true;
        }
    }

    private void OnOpen(Open open)
    {
        RemoteMaxFrameBytes = Math.Max(open.MaxFrameSize, LeastMaxFrameBytes);
        if (open.IdleTimeOut > 0)
            _heartbeat = TimeSpan.FromMilliseconds(open.IdleTimeOut / 2.0);
        Output.Write(isSasl: false, 0, new Open
        {
            ContainerId = Options.ContainerId,
            MaxFrameSize = (uint)Options.MaxFrameBytes,
            ChannelMax = Options.MaxChannel,
            IdleTimeOut = (uint)Options.IdleTimeout.TotalMilliseconds,
        });
    }

    private void OnBegin(ushort channel, Begin begin)
    {
        if (channel > Options.MaxChannel)
            throw new AmqpFaultException(ErrorCode.NotAllowed, $"Channels go to {Options.MaxChannel}.");
        var session = new AmqpSession(this, channel, begin);
        if (!_sessions.TryAdd(channel, session))
            throw new AmqpFaultException(ErrorCode.IllegalState, $"A session has begun on channel {channel} already.");
        session.Open();
    }

    /// <summary>Shows the peer that we live, ends what it may no longer have, and ends the connection when nothing comes any more.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        var closeRequested = _transport.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        var lastWritten = _clock.GetTimestamp();
        while (true)
        {
            var tick = _heartbeat is { } heartbeat && heartbeat < Tick ? heartbeat : Tick;
            using (var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closeRequested))
            {
                try
                {
                    await Task.Delay(tick, _clock, wait.Token);
                }
                catch (OperationCanceledException) when (closeRequested.IsCancellationRequested)
                {
                    Output.Write(isSasl: false, 0, new Close { Error = new AmqpFaultException(ErrorCode.ConnectionForced, "The endpoint stops.").ToError() });
                    Output.End();
                    return;
                }
            }

            foreach (var (link, reason) in Container.FindExpired())
                link.Session.Detach(link, reason);
            // The peer counts a link as idle by what it reads, whatever it may have sent itself.
            if (_heartbeat is { } every && _clock.GetElapsedTime(lastWritten) + tick >= every)
            {
                Output.Write(isSasl: false, 0, performative: null);
                lastWritten = _clock.GetTimestamp();
            }

            if (_clock.GetElapsedTime(_lastRead) <= Options.IdleTimeout)
                continue;
            Log.ConnectionIdle(Logger, _transport.ConnectionId);
            Output.Write(isSasl: false, 0, new Close { Error = new AmqpFaultException(ErrorCode.ResourceLimitExceeded, $"Nothing came for {Options.IdleTimeout}.").ToError() });
            Output.End();
            _transport.Transport.Input.CancelPendingRead();
            return;
        }
    }

    private static async Task IgnoreEndAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ConnectionResetException or ConnectionAbortedException)
        {
            // It ended with its connection.
        }
    }
}
