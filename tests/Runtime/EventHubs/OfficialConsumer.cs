using System.Collections.Concurrent;
using System.Diagnostics;
using DataPlatform.TestKit;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

/// <summary>The official JavaScript consumer as a process of its own, with a checkpoint store in blobs.</summary>
internal sealed class OfficialConsumer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();

    private OfficialConsumer(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Lines.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => _errors.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static bool IsInstalled => Directory.Exists(Path.Combine(Repository.Root, "node_modules", "@azure", "event-hubs"));

    /// <summary>What it has told: <c>reads PARTITION</c>, <c>event TEXT</c>.</summary>
    public ConcurrentQueue<string> Lines { get; } = new();

    public string Errors => string.Join(Environment.NewLine, _errors);

    public static OfficialConsumer Start(string hubs, string storage)
    {
        var script = Path.Combine(Repository.Root, "tests", "Runtime", "EventHubs", "shared-group.mjs");
        var start = new ProcessStartInfo("node", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["EVENT_HUBS"] = hubs;
        start.Environment["STORAGE"] = storage;
        return new OfficialConsumer(Process.Start(start)!);
    }

    /// <summary>Lets it give its partitions back and end.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
        return ValueTask.CompletedTask;
    }
}
