using System.Net.Sockets;
using System.Text;

namespace DataPlatform.Local.Runtime.Tests;

/// <summary>Sends a request byte by byte as written, without a client's corrections.</summary>
internal sealed class RawHttp : IAsyncDisposable
{
    private readonly TcpClient _client = new();

    public static async Task<RawHttp> ConnectAsync(Uri address)
    {
        var raw = new RawHttp();
        await raw._client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        return raw;
    }

    public static async Task<string> GetAsync(Uri address, string target)
    {
        await using var raw = await ConnectAsync(address);
        await raw.SendAsync($"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return await raw.ReadToEndAsync();
    }

    public async Task SendAsync(string text) =>
        await _client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

    public async Task<string> ReadToEndAsync()
    {
        using var reader = new StreamReader(_client.GetStream(), Encoding.Latin1, leaveOpen: true);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
