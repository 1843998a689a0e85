using System.Runtime.InteropServices;

namespace DataPlatform.Bench;

/// <summary>What figures depend on.</summary>
internal static class Machine
{
    public static string Name { get; } =
        $"{RuntimeInformation.OSDescription}, {Environment.ProcessorCount} cores{Processor()}, "
        + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9:0} GB, {RuntimeInformation.FrameworkDescription}";

    private static string Processor()
    {
        const string field = "model name";
        if (!File.Exists("/proc/cpuinfo"))
            return "";
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
        return line is null ? "" : $" ({line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()})";
    }
}
