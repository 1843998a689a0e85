using System.Globalization;
using DataPlatform.Local.Runtime.Functions;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// Reads the engine's settings: <c>extensions.durableTask</c> of host.json, <c>LocalRuntime:ActivityLease</c> and
/// <c>LocalRuntime:MaxHistoryEvents</c>.
/// </summary>
internal sealed class DurableSettings(HostJson host, RuntimeSettings runtime, IConfiguration configuration)
{
    private const string LeaseKey = "LocalRuntime:ActivityLease";
    private const string HistoryKey = "LocalRuntime:MaxHistoryEvents";

    public string HubName => host.DurableTask["hubName"] ?? DurableOptions.DefaultHubName;

    public DurableOptions Read(StartErrors errors)
    {
        DurableOptions standard = new() { StorePath = Path.Combine(runtime.StateFolder, "durable.db") };
        return standard with
        {
            HubName = HubName,
            MaxConcurrentActivities = HostNumber("maxConcurrentActivityFunctions", standard.MaxConcurrentActivities, errors),
            MaxConcurrentOrchestrators = HostNumber("maxConcurrentOrchestratorFunctions", standard.MaxConcurrentOrchestrators, errors),
            ActivityLease = Lease(standard.ActivityLease, errors),
            MaxHistoryEvents = Number(HistoryKey, configuration[HistoryKey], standard.MaxHistoryEvents, errors),
            HideErrorTypes = true,
        };
    }

    private int HostNumber(string key, int standard, StartErrors errors) =>
        Number($"extensions.durableTask.{key} in host.json", host.DurableTask[key], standard, errors);

    private static int Number(string name, string? text, int standard, StartErrors errors)
    {
        if (text is null) return standard;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0) return value;
        errors.AddSetting(name, $"'{text}' is not a positive number", "write one, or leave it out");
        return standard;
    }

    private TimeSpan Lease(TimeSpan standard, StartErrors errors)
    {
        if (configuration[LeaseKey] is not { } text) return standard;
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan value) && value >= TimeSpan.FromSeconds(1)) return value;
        errors.AddSetting(LeaseKey, $"'{text}' is not a time of at least a second", "write hh:mm:ss");
        return standard;
    }
}
