using DataPlatform.Local.Runtime.Tests.Durable;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace DataPlatform.Local.Runtime.Tests;

/// <summary>The test runner's entry point, or a worker process of the crash tests.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args)
    {
        if (args is [CrashWorker.Switch, var store]) return CrashWorker.Run(store);
        return args.Contains("--server") || args.Contains("--internal-msbuild-node")
            ? TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
            : ConsoleRunner.Run(args);
    }
}
