namespace DataPlatform.TestKit;

/// <summary>The platform as a child process on a free port of loopback.</summary>
public sealed class AppHost : IAsyncDisposable
{
    private readonly HostProcess _process;

    private AppHost(HostProcess process, string key)
    {
        _process = process;
        Key = key;
        Client = new HttpClient { BaseAddress = process.Address, Timeout = TimeSpan.FromMinutes(10) };
        Client.DefaultRequestHeaders.Add("x-api-key", key);
    }

    public string Key { get; }

    public int ProcessId => _process.ProcessId;

    public bool HasExited => _process.HasExited;

    /// <inheritdoc cref="HostProcess.Log"/>
    public string Log => _process.Log;

    /// <summary>Sends the admin key with every request.</summary>
    public HttpClient Client { get; }

    /// <param name="storage">For <c>DataPlatform:Storage</c>.</param>
    /// <param name="folder">Takes the runtime's state and scratch files; a restarted host goes on with it.</param>
    /// <param name="settings">More environment variables, e.g. <c>DataPlatform__MaxChunkedBodyBytes</c>.</param>
    public static async Task<AppHost> StartAsync(
        string storage, string folder, IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellationToken = default)
    {
        const string key = "dp_admin_key-of-the-tests";
        var environment = new Dictionary<string, string>
        {
            ["DataPlatform__Storage"] = storage,
            ["DataPlatform__AdminKey"] = key,
            ["DataPlatform__Scratch"] = Path.Combine(folder, "scratch"),
            ["LocalRuntime__State"] = Path.Combine(folder, "runtime"),
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            environment[name] = value;

        return new AppHost(await HostProcess.StartAsync(Repository.AppAssembly, folder, environment, cancellationToken), key);
    }

    /// <inheritdoc cref="HostProcess.KillAsync"/>
    public Task KillAsync() => _process.KillAsync();

    /// <inheritdoc cref="HostProcess.StopAsync"/>
    public Task<int> StopAsync(CancellationToken cancellationToken = default) => _process.StopAsync(cancellationToken);

    /// <inheritdoc cref="HostProcess.WaitForExitAsync"/>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.DisposeAsync();
    }
}
