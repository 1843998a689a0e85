using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DataPlatform.Local.EventHubs.Tests.Client;

/// <summary>Stands between a client and a port, to cut its connections or to keep what it is sent.</summary>
internal sealed class TcpRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _target;
    private readonly Task _accepting;
    private long _sent;
    private int _connections;

    public TcpRelay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>What clients sent.</summary>
    public long BytesSent => Interlocked.Read(ref _sent);

    /// <summary>Whether the answers of connections that are open are thrown away.</summary>
    public bool IsSilent { get; set; }

    public void Cut()
    {
        while (_sockets.TryTake(out var socket))
            socket.Close(0);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            Interlocked.Increment(ref _connections);
            _sockets.Add(client.Client);
            _sockets.Add(server.Client);
            _ = PumpAsync(client, server, isAnswer: false);
            _ = PumpAsync(server, client, isAnswer: true);
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, bool isAnswer)
    {
        try
        {
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, _stopping.Token)) > 0)
            {
                if (isAnswer && IsSilent)
                    continue;
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
                if (!isAnswer)
                    Interlocked.Add(ref _sent, read);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // Cut.
        }
        finally
        {
            to.Close();
        }
    }
}
