using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>
/// The platform that tests talk to: the one at <c>DATAPLATFORM_URL</c> (with <c>DATAPLATFORM_KEY</c>), whatever host runs it, else a local host
/// over an Azurite of its own. Tests take names of their own, since others may use it too.
/// </summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-e2e-").FullName;
    private AzuriteProcess? _azurite;
    private AppHost? _host;

    public HttpClient Client { get; private set; } = null!;

    /// <summary>A name that nothing else has.</summary>
    public static string NewName(string stem) => $"{stem}_{Guid.NewGuid():n}"[..Math.Min(stem.Length + 13, 60)];

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("DATAPLATFORM_URL") is { Length: > 0 } url)
        {
            Client = new HttpClient { BaseAddress = new Uri(url) };
            if (Environment.GetEnvironmentVariable("DATAPLATFORM_KEY") is { Length: > 0 } key)
                Client.DefaultRequestHeaders.Add("x-api-key", key);
            return;
        }

        _azurite = await AzuriteProcess.StartAsync(CancellationToken.None);
        _host = await AppHost.StartAsync(_azurite.Storage, _folder);
        Client = _host.Client;
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is null)
            Client?.Dispose();
        else
            await _host.DisposeAsync();
        if (_azurite is not null)
            await _azurite.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
    }
}
