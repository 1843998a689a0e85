using System.Globalization;

namespace DataPlatform.Operations;

/// <summary>What tells this process from the app's others: the name of the instance in Azure, else of the machine, and the process id.</summary>
public static class InstanceName
{
    public static readonly string Current = string.Create(
        CultureInfo.InvariantCulture,
        $"{First("WEBSITE_INSTANCE_ID") ?? First("CONTAINER_NAME") ?? Environment.MachineName}/{Environment.ProcessId}");

    private static string? First(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } name ? name[..Math.Min(name.Length, 40)] : null;
}
