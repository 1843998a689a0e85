using DataPlatform.TestKit;

namespace DataPlatform.App.Tests;

/// <summary>The app as a process of its own over a fresh folder, shared by the tests of a class.</summary>
public sealed class AppHostFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-app-").FullName;

    public AppHost Host { get; private set; } = null!;

    public HttpClient Client => Host.Client;

    public async ValueTask InitializeAsync() => Host = await AppHost.StartAsync($"folder:{Path.Combine(_folder, "store")}", _folder);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        DataPlatform.TestKit.Leftovers.Delete(_folder);
    }
}
