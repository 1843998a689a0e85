using System.Net.Sockets;
using System.Text;

namespace DataPlatform.Conformance.Tests;

/// <summary>Bytes on a socket, for what HTTP clients tidy up or never do.</summary>
internal sealed class RawRequest : IAsyncDisposable
{
    private readonly TcpClient _tcp = new();

    public static async Task<RawRequest> BeginAsync(Uri host, string head)
    {
        var raw = new RawRequest();
        await raw._tcp.ConnectAsync(host.Host, host.Port, TestContext.Current.CancellationToken);
        await raw.SendAsync(head.ReplaceLineEndings("\r\n"));
        return raw;
    }

    /// <summary>Sends a GET with that very target.</summary>
    /// <returns>The whole response as text.</returns>
    public static async Task<string> GetAsync(Uri host, string target)
    {
        await using var raw = await BeginAsync(host, $"GET {target} HTTP/1.1\nHost: {host.Authority}\nConnection: close\n\n");
        using var reader = new StreamReader(raw._tcp.GetStream(), leaveOpen: true);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public async Task SendAsync(string text) =>
        await _tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    /// <returns>The head of the response.</returns>
    public async Task<string> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) &&
            await _tcp.GetStream().ReadAsync(one, TestContext.Current.CancellationToken) > 0)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    /// <summary>Cuts the connection hard.</summary>
    public ValueTask DisposeAsync()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }
}
