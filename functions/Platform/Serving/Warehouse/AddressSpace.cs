using System.Globalization;
using System.Runtime.InteropServices;

namespace DataPlatform.Serving.Warehouse;

/// <summary>Limits this process for good, by the kernel (Linux).</summary>
internal static partial class AddressSpace
{
    private const int Core = 4;
    private const int AddressSpaceBytes = 9;

    /// <summary>From now on the process may take so many more bytes of addresses; what asks for more gets no memory. It leaves no core dump.</summary>
    public static void Limit(long more)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var taken = long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        Set(AddressSpaceBytes, (ulong)(taken + more));
        Set(Core, 0);
    }

    private static void Set(int resource, ulong value)
    {
        var limit = new ResourceLimit(value, value);
        if (SetLimit(resource, in limit) != 0)
            throw new InvalidOperationException($"The limit {resource} cannot be set: error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in ResourceLimit limit);

    private readonly record struct ResourceLimit(ulong Current, ulong Maximum);
}
