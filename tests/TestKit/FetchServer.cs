using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlatform.TestKit;

/// <summary>A server on loopback that answers as a test has it.</summary>
public sealed class FetchServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<SeenRequest> _seen = new();
    private int _count;

    private FetchServer(Func<HttpContext, int, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(http =>
        {
            _seen.Enqueue(new SeenRequest(
                http.Request.Path, http.Request.Headers.Range.ToString(), http.Request.Headers.IfRange.ToString(), [.. http.Request.Headers.Keys.Order()]));
            return answer(http, Interlocked.Increment(ref _count));
        });
    }

    public IReadOnlyList<SeenRequest> Seen => [.. _seen];

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <param name="answer">Gets the request and its number, from 1.</param>
    public static async Task<FetchServer> StartAsync(Func<HttpContext, int, Task> answer)
    {
        var server = new FetchServer(answer);
        await server._app.StartAsync();
        return server;
    }

    public string Url(string path, string host = "127.0.0.1") => $"http://{host}:{Port}{path}";

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
