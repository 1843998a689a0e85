using System.Text.RegularExpressions;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>What the system says of a process's memory.</summary>
internal static partial class ProcessMemory
{
    /// <summary>The most that it ever held.</summary>
    public static long PeakBytes(int processId) =>
        long.Parse(HighWaterMark().Match(File.ReadAllText($"/proc/{processId}/status")).Groups["kb"].Value) << 10;

    [GeneratedRegex(@"VmHWM:\s+(?<kb>\d+) kB", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex HighWaterMark();
}
