using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>The hosts of one store, and a client that finds one that lives.</summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TempFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly ConcurrentDictionary<int, long> _killed = new();
    private volatile FaultHost[] _hosts = [];
    private int _next;
    private int _unanswered;

    public FaultCluster(string durableTask = "{}")
    {
        File.WriteAllText(
            _folder.File("host.json"),
            $$"""{"version":"2.0","extensions":{"http":{"routePrefix":""},"durableTask":{{durableTask}} } }""");
        Effects = new EffectStore(_folder.Path);
    }

    public EffectStore Effects { get; }

    public string StorePath => _folder.File(Path.Combine(".local", "runtime", "durable.db"));

    /// <summary>Requests that got no answer and were sent again.</summary>
    public int Unanswered => _unanswered;

    public async Task<FaultHost> Start()
    {
        FaultHost host = await FaultHost.Start(_folder.Path);
        _hosts = [.. _hosts, host];
        return host;
    }

    public async Task Kill(FaultHost host)
    {
        _hosts = [.. _hosts.Where(other => other != host)];
        await host.Kill();
        _killed[host.ProcessId] = host.KilledAt!.Value;
        await host.DisposeAsync();
    }

    public List<TurnInterval> ReadTurns() => TurnJournal.Read(_folder.Path, _killed);

    /// <summary>Sends until somebody answers; an answer is never asked for twice.</summary>
    public async Task<(HttpStatusCode Status, string Text)> Send(HttpMethod method, string path)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            FaultHost[] hosts = _hosts;
            if (hosts.Length > 0)
            {
                try
                {
                    using HttpRequestMessage request = new(method, new Uri(hosts[(uint)Interlocked.Increment(ref _next) % hosts.Length].Address, path));
                    using HttpResponseMessage answer = await _http.SendAsync(request, patience.Token);
                    return (answer.StatusCode, await answer.Content.ReadAsStringAsync(patience.Token));
                }
                catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException)
                {
                    // Killed. Whether the request was carried out nobody knows.
                    Interlocked.Increment(ref _unanswered);
                }
            }

            await Task.Delay(10, patience.Token);
        }
    }

    public async Task StartInstance(string name, string id, int number)
    {
        (HttpStatusCode status, string text) = await Send(HttpMethod.Post, $"/start/{name}/{id}/{number}");
        Assert.True(status == HttpStatusCode.Accepted, $"start of {id}: {status} {text}");
    }

    public async Task Raise(string id, string name, int number)
    {
        (HttpStatusCode status, string text) = await Send(HttpMethod.Post, $"/raise/{id}/{name}/{number}");
        // Gone: the first sending was carried out although it was not answered.
        Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.Gone, $"event {name} for {id}: {status} {text}");
    }

    public async Task<long> Result(string id)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            (HttpStatusCode status, string text) = await Send(HttpMethod.Get, $"/result/{id}");
            if (status == HttpStatusCode.OK) return long.Parse(text);
            Assert.True(status == HttpStatusCode.Accepted, $"{id}: {status} {text}");
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (FaultHost host in _hosts) await Kill(host);
        _http.Dispose();
        _folder.Dispose();
    }
}
