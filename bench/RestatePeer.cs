using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>A Restate server and the service it calls, both on loopback, installed when first needed. See <c>bench/peers/restate</c>.</summary>
internal sealed class RestatePeer : IAsyncDisposable
{
    private static readonly string Home = Path.Combine(Repository.Root, "bench", "peers", "restate");
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly List<ChildProcess> _processes = [];

    private RestatePeer(int ingress) => Client = new HttpClient
    {
        BaseAddress = new Uri($"http://127.0.0.1:{ingress}"),
        Timeout = TimeSpan.FromMinutes(5),
    };

    /// <summary>Sends to the ingress.</summary>
    public HttpClient Client { get; }

    public static string Version { get; } = ReadVersion();

    public static async Task<RestatePeer> StartAsync(string folder)
    {
        await InstallAsync();
        int ingress = FreePort.Next(), admin = FreePort.Next(), service = FreePort.Next();
        var peer = new RestatePeer(ingress);
        try
        {
            peer.StartServer(folder, ingress, admin);
            var steps = ChildProcess.Start(
                "node",
                Home,
                new Dictionary<string, string> { ["NODE_ENV"] = "production", ["RESTATE_LOGGING"] = "ERROR" },
                "service.mjs",
                service.ToString(CultureInfo.InvariantCulture));
            peer._processes.Add(steps);
            await steps.ListeningAsync();
            await RegisterAsync(new Uri($"http://127.0.0.1:{admin}"), service);
            return peer;
        }
        catch
        {
            await peer.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        foreach (var process in _processes)
            await process.DisposeAsync();
    }

    private void StartServer(string folder, int ingress, int admin)
    {
        var machine = $"{(OperatingSystem.IsMacOS() ? "darwin" : "linux")}-{System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";
        var program = Path.Combine(Home, "node_modules", "@restatedev", $"restate-server-{machine}", "bin", "restate-server");
        Directory.CreateDirectory(folder);
        _processes.Add(ChildProcess.Start(
            program,
            folder,
            new Dictionary<string, string>
            {
                ["RESTATE_INGRESS__BIND_ADDRESS"] = $"127.0.0.1:{ingress}",
                ["RESTATE_ADMIN__BIND_ADDRESS"] = $"127.0.0.1:{admin}",
                ["RESTATE_BIND_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            },
            "--no-logo",
            "--config-file",
            Path.Combine(Home, "restate.toml"),
            "--base-dir",
            Path.Combine(folder, "restate")));
    }

    private static async Task RegisterAsync(Uri admin, int service)
    {
        using var client = new HttpClient { BaseAddress = admin };
        using var limit = new CancellationTokenSource(StartLimit);
        while (true)
        {
            try
            {
                using var answer = await client.PostAsJsonAsync("/deployments", new { uri = $"http://127.0.0.1:{service}" }, limit.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(100, limit.Token);
        }
    }

    private static async Task InstallAsync()
    {
        var installed = new FileInfo(Path.Combine(Home, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(Home, "package-lock.json")))
            return;

        Console.WriteLine($"Installing Restate {Version} as a peer, under its Business Source License …");
        await using var npm = ChildProcess.Start("npm", Home, null, "ci", "--no-audit", "--no-fund", "--ignore-scripts");
        if (await npm.EndAsync() != 0)
            throw new InvalidOperationException($"Restate could not be installed from npm:\n{npm.LastLines}");
        File.SetLastWriteTimeUtc(installed.FullName, TimeProvider.System.GetUtcNow().UtcDateTime);
    }

    private static string ReadVersion()
    {
        using var package = JsonDocument.Parse(File.ReadAllText(Path.Combine(Home, "package.json")));
        return package.RootElement.GetProperty("dependencies").GetProperty("@restatedev/restate-server").GetString()!;
    }
}
