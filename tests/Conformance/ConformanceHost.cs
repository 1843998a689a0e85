using System.Net;
using System.Net.Http.Json;
using DataPlatform.TestKit;

namespace DataPlatform.Conformance.Tests;

/// <summary>
/// The host under test, running tests/ConformanceApp: the one at <c>CONFORMANCE_URL</c>, else a local host with fresh
/// state. Everything is asked over HTTP, so it may be any host.
/// </summary>
public sealed class ConformanceHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-conformance-").FullName;
    private HostProcess? _process;

    /// <summary>The host's own address.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Asks relative to the app's route prefix; follows no redirects.</summary>
    public HttpClient Http { get; private set; } = null!;

    public DurableApp Durable { get; private set; } = null!;

    public Capabilities Capabilities { get; private set; } = null!;

    public static string NewId(string stem = "t") => $"{stem}-{Guid.NewGuid():n}";

    public async ValueTask InitializeAsync()
    {
        Address = Environment.GetEnvironmentVariable("CONFORMANCE_URL") is { Length: > 0 } url ? new Uri(url) : await StartAsync();
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = 100 })
        {
            BaseAddress = new Uri(Address, "/conformance/v1/"),
            Timeout = TimeSpan.FromMinutes(3),
        };
        Durable = new DurableApp(Http);
        Capabilities = (await Http.GetFromJsonAsync<Capabilities>("capabilities"))!;
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
    }

    /// <summary>What the app noted under a key, oldest first.</summary>
    public async Task<List<Observation>> ObservedAsync(string key) =>
        (await Http.GetFromJsonAsync<List<Observation>>($"observed/{key}", TestContext.Current.CancellationToken))!;

    /// <summary>Waits until the app noted so much under a key.</summary>
    public async Task<List<Observation>> ObservedAsync(string key, int count) =>
        await Eventually.WaitAsync(() => ObservedAsync(key), seen => seen.Count >= count, $"{count} notes of {key}");

    public Task OpenGateAsync(string key) => Http.PostAsync(new Uri($"gates/{key}", UriKind.Relative), null, TestContext.Current.CancellationToken);

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string target)
    {
        using var response = await Http.GetAsync(new Uri(target, UriKind.RelativeOrAbsolute), TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<Uri> StartAsync()
    {
        var settings = new Dictionary<string, string>
        {
            ["LocalRuntime__State"] = Path.Combine(_folder, "state"),
            ["AzureWebJobs.settings_disabled.Disabled"] = "true",
        };
        _process = await HostProcess.StartAsync(Repository.Assembly("DataPlatform.ConformanceApp"), _folder, settings);
        return _process.Address;
    }
}
