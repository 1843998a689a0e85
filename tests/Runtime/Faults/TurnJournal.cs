using System.Diagnostics;
using System.Text;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>When this process was in which turn, in a file that outlives it. Times are of the machine's one monotonic clock.</summary>
public sealed class TurnJournal(string folder) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(
        Path.Combine(folder, $"turns.{Environment.ProcessId}"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    private long _last;

    public long Begin(string instance) => Write('B', instance, Interlocked.Increment(ref _last));

    public void End(string instance, long number) => Write('E', instance, number);

    public void Dispose() => _file.Dispose();

    /// <summary>All turns of all processes so far.</summary>
    /// <param name="killed">When a process was killed: its open turns ended there.</param>
    internal static List<TurnInterval> Read(string folder, IReadOnlyDictionary<int, long> killed)
    {
        List<TurnInterval> turns = [];
        foreach (string file in Directory.GetFiles(folder, "turns.*"))
        {
            int process = int.Parse(Path.GetExtension(file)[1..]);
            Dictionary<long, TurnInterval> open = [];
            // A line that a kill has cut off says nothing.
            foreach (string[] line in File.ReadAllText(file).Split('\n').SkipLast(1).Select(line => line.Split('\t')))
            {
                long number = long.Parse(line[1]), at = long.Parse(line[3]);
                if (line[0] == "B") open.Add(number, new TurnInterval(line[2], process, at, killed.GetValueOrDefault(process, long.MaxValue)));
                else if (open.Remove(number, out TurnInterval? turn)) turns.Add(turn with { End = at });
            }

            turns.AddRange(open.Values);
        }

        return turns;
    }

    private long Write(char what, string instance, long number)
    {
        lock (_gate)
        {
            _file.Write(Encoding.UTF8.GetBytes($"{what}\t{number}\t{instance}\t{Stopwatch.GetTimestamp()}\n"));
        }

        return number;
    }
}
