using System.Collections.Concurrent;
using System.Diagnostics;

namespace DataPlatform.EndToEnd.Tests.Faults;

/// <summary>What was sent, answered and killed, and when: written beside the test's results when a run fails.</summary>
internal sealed class FaultJournal
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public void Note(string line) => _lines.Enqueue($"{_clock.Elapsed.TotalSeconds,8:F3} {line}");

    /// <returns>The file; or why there is none, so that the failure itself is not hidden.</returns>
    public string Save()
    {
        var path = Path.Combine(Path.GetTempPath(), $"dataplatform-faults-{Environment.ProcessId}.log");
        try
        {
            File.AppendAllLines(path, _lines);
            return path;
        }
        catch (IOException fault)
        {
            return fault.Message;
        }
    }
}
