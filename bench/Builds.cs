using DataPlatform.TestKit;

namespace DataPlatform.Bench;

/// <summary>Where the programs lie that the benchmarks start, of the same configuration as the benchmarks.</summary>
internal static class Builds
{
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Name;

    /// <summary>The executable of a project.</summary>
    public static string Executable(string project) => Path.Combine(
        Repository.Root, "artifacts", "bin", project, Configuration, OperatingSystem.IsWindows() ? $"{project}.exe" : project);
}
