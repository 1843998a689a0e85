namespace DataPlatform;

/// <summary>Where the app runs.</summary>
internal static class AzureSite
{
    /// <summary>Set on every plan. <c>WEBSITE_INSTANCE_ID</c> is not: Flex Consumption and Linux Consumption go without it.</summary>
    private const string NameVariable = "WEBSITE_SITE_NAME";

    /// <summary>Set by the official host for the workers it starts.</summary>
    private const string WorkerVariable = "FUNCTIONS_APPLICATION_DIRECTORY";

    /// <summary>Whether this process runs in Azure, not on somebody's machine (where the official host may run, too).</summary>
    public static bool IsHere => Environment.GetEnvironmentVariable(NameVariable) is { Length: > 0 };

    /// <summary>Whether the official host runs this process, in Azure or on somebody's machine.</summary>
    public static bool HasOfficialHost => IsHere || Environment.GetEnvironmentVariable(WorkerVariable) is { Length: > 0 };
}
