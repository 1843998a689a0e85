using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataPlatform.TestKit;

/// <summary>Stands before an HTTP service and loses answers: the request went through, the caller only sees the connection end.</summary>
public sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _target;
    private readonly Task _accepting;
    private readonly Lock _lock = new();
    private string _loseTo = "";
    private int _answersToLose;
    private int _answersToCut;
    private int _cutAfter;
    private int _busy;

    public LossyProxy(Uri target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int AnswersToLose
    {
        get
        {
            lock (_lock)
                return _answersToLose;
        }
    }

    public int AnswersToCut
    {
        get
        {
            lock (_lock)
                return _answersToCut;
        }
    }

    /// <summary>The connection string with this proxy in place of the service.</summary>
    public string Rewrite(string storage) =>
        storage.Replace(_target.Authority, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}", StringComparison.Ordinal);

    public void LoseAnswers(int count) => LoseAnswersTo("", count);

    /// <param name="part">Part of the request line.</param>
    public void LoseAnswersTo(string part, int count)
    {
        lock (_lock)
            (_loseTo, _answersToLose) = (part, count);
    }

    /// <summary>Ends the connection when this much of an answer has passed.</summary>
    public void CutAnswersAfter(int bytes, int times)
    {
        lock (_lock)
            (_cutAfter, _answersToCut) = (bytes, times);
    }

    /// <summary>Waits until no request is under way.</summary>
    public async Task QuietAsync(CancellationToken cancellationToken)
    {
        while (Volatile.Read(ref _busy) > 0)
            await Task.Delay(5, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                return;
            }

            _ = ServeAsync(client);
        }
    }

    // One request a connection: the client is told to close, so that an answer is all that comes until the service ends the connection.
    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        Interlocked.Increment(ref _busy);
        try
        {
            using var server = new TcpClient();
            await server.ConnectAsync(_target.Host, _target.Port, _stop.Token);
            var up = server.GetStream();
            var down = client.GetStream();
            var requestLine = await ForwardRequestAsync(down, up);
            await ForwardAnswerAsync(up, down, requestLine);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or SocketException)
        {
            // An end of a connection is what this is for.
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
        }
    }

    private async Task<string> ForwardRequestAsync(NetworkStream from, NetworkStream to)
    {
        var head = await ReadHeadAsync(from);
        var lines = head.Split("\r\n");
        var length = long.Parse(
            lines.FirstOrDefault(static l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1] ?? "0");
        if (lines.Any(static l => l.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase)))
            await from.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);
        var kept = lines.Where(static l => l.Length > 0 && !l.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase)
            && !l.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase));
        await to.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", kept) + "\r\nConnection: close\r\n\r\n"), _stop.Token);

        var buffer = new byte[81920];
        while (length > 0)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), _stop.Token);
            if (read == 0)
                throw new IOException("The client went away.");
            await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            length -= read;
        }

        return lines[0];
    }

    private async Task<string> ReadHeadAsync(NetworkStream from)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            if (await from.ReadAsync(one, _stop.Token) == 0)
                throw new IOException("The client went away.");
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private async Task ForwardAnswerAsync(NetworkStream from, NetworkStream to, string requestLine)
    {
        bool lose, cut;
        lock (_lock)
        {
            lose = _answersToLose > 0 && requestLine.Contains(_loseTo, StringComparison.Ordinal);
            if (lose && _answersToLose != int.MaxValue)
                _answersToLose--;
            cut = !lose && _answersToCut > 0;
            if (cut)
                _answersToCut--;
        }

        var left = lose ? 0 : cut ? _cutAfter : long.MaxValue;
        var buffer = new byte[81920];
        int read;
        while ((read = await from.ReadAsync(buffer, _stop.Token)) > 0)
        {
            var passed = (int)Math.Min(read, left);
            await to.WriteAsync(buffer.AsMemory(0, passed), _stop.Token);
            left -= passed;
            if (left == 0 && cut)
                return;
        }
    }
}
