using System.Globalization;

namespace DataPlatform.Bench;

/// <summary>What Linux says of a process's memory.</summary>
internal static class ProcessMemory
{
    private const string Field = "VmHWM:";

    /// <summary>The most resident memory it ever had, in MB.</summary>
    public static double PeakMegabytes(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return double.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024;
    }
}
