using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DataPlatform.TestKit;

/// <summary>A functions app as a child process on a free port of loopback.</summary>
public sealed partial class HostProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
            _listening.TrySetException(new InvalidOperationException("The host ended before it listened:\n" + Log));
    }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What the process wrote so far.</summary>
    public string Log => string.Join('\n', _log);

    public Uri Address { get; private set; } = null!;

    /// <summary>Starts the app and waits until it listens.</summary>
    /// <param name="assembly">The built app.</param>
    /// <param name="folder">The working folder; made when it is not there.</param>
    /// <param name="settings">Environment variables.</param>
    public static async Task<HostProcess> StartAsync(
        string assembly, string folder, IReadOnlyDictionary<string, string> settings, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(folder);
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { assembly, "--port", "0" },
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;

        var host = new HostProcess(new Process { StartInfo = start });
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        try
        {
            host.Address = await host._listening.Task.WaitAsync(StartLimit, cancellationToken);
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
