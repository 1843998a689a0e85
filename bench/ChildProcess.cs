using System.Diagnostics;

namespace DataPlatform.Bench;

/// <summary>A program started for a benchmark and killed with it, children included.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TaskCompletionSource<string> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Queue<string> _lastLines = new();

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) =>
            _listening.TrySetException(new InvalidOperationException($"{process.StartInfo.FileName} ended:\n{LastLines}"));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string LastLines
    {
        get
        {
            lock (_gate)
                return string.Join('\n', _lastLines);
        }
    }

    public static ChildProcess Start(string program, string folder, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for the line "Listening on ADDRESS".</summary>
    /// <returns>The address, or whatever stands there.</returns>
    public Task<string> ListeningAsync() => _listening.Task.WaitAsync(StartLimit);

    public async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _ = _listening.Task.Exception;
    }

    private void Read(string? line)
    {
        if (line is null)
            return;

        lock (_gate)
        {
            _lastLines.Enqueue(line);
            if (_lastLines.Count > 50)
                _lastLines.Dequeue();
        }

        const string mark = "Listening on ";
        if (line.StartsWith(mark, StringComparison.Ordinal))
            _listening.TrySetResult(line[mark.Length..].Trim());
    }
}
