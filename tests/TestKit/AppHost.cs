using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DataPlatform.TestKit;

/// <summary>The platform as a child process on a free port of loopback.</summary>
public sealed partial class AppHost : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppHost(Process process, string key)
    {
        _process = process;
        Key = key;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
            _listening.TrySetException(new InvalidOperationException("The host ended before it listened:\n" + Log));
    }

    public string Key { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What the process wrote so far.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Sends the admin key with every request.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <param name="storage">For <c>DataPlatform:Storage</c>.</param>
    /// <param name="folder">Takes the runtime's state and scratch files; a restarted host goes on with it.</param>
    /// <param name="settings">More environment variables, e.g. <c>DataPlatform__MaxChunkedBodyBytes</c>.</param>
    public static async Task<AppHost> StartAsync(
        string storage, string folder, IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellationToken = default)
    {
        const string key = "dp_admin_key-of-the-tests";
        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Repository.AppAssembly, "--port", "0" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["DataPlatform__Storage"] = storage;
        start.Environment["DataPlatform__AdminKey"] = key;
        start.Environment["DataPlatform__Scratch"] = Path.Combine(folder, "scratch");
        start.Environment["LocalRuntime__State"] = Path.Combine(folder, "runtime");
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var host = new AppHost(new Process { StartInfo = start }, key);
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        try
        {
            var address = await host._listening.Task.WaitAsync(StartLimit, cancellationToken);
            host.Client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(10) };
            host.Client.DefaultRequestHeaders.Add("x-api-key", key);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the process as a power cut would: SIGKILL, nothing flushed, nothing closed.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits until it has.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken = default)
    {
        if (!_process.HasExited)
            _ = Kill(_process.Id, SigTerm);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Waits until the process ends by itself, for example at a fault point.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        await KillAsync();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    private void Read(string? line)
    {
        if (line is null)
            return;

        _log.Enqueue(line);
        const string mark = "Listening on ";
        var at = line.IndexOf(mark, StringComparison.Ordinal);
        if (at >= 0 && Uri.TryCreate(line[(at + mark.Length)..].Trim(), UriKind.Absolute, out var address))
            _listening.TrySetResult(address);
    }
}
