using DataPlatform.Local.Runtime.Tests.Durable;
using DataPlatform.Local.Runtime.Tests.Faults;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace DataPlatform.Local.Runtime.Tests;

/// <summary>The test runner's entry point, or a process that the crash and fault tests kill.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        if (args is [CrashWorker.Switch, var store]) return CrashWorker.Run(store);
        if (args is [FaultHost.Switch, var folder]) return FaultHost.Run(folder);
        return args.Contains("--server") || args.Contains("--internal-msbuild-node")
            ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : ConsoleRunner.Run(args);
    }
}
