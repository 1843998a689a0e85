using System.Reflection;

namespace DataPlatform.ConformanceApp.Observing;

/// <summary>
/// What the app can be asked for. Most of it follows from the version of the durable extension that the app was built with;
/// the local runtime promises what the default version does.
/// </summary>
/// <param name="Versions">An instance has the version it was started with.</param>
/// <param name="DisabledFunction">The host was started with <c>AzureWebJobs.settings_disabled.Disabled=true</c>.</param>
public sealed record Capabilities(string DurableTaskExtension, bool Versions, bool DisabledFunction)
{
    private static readonly Version Extension = Version.Parse(
        typeof(Capabilities).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "DurableTaskExtensionVersion").Value!);

    public static Capabilities OfThisBuild { get; } = new(
        Extension.ToString(),
        Versions: Extension >= new Version(1, 19),
        DisabledFunction: Environment.GetEnvironmentVariable("AzureWebJobs.settings_disabled.Disabled") == "true");
}
