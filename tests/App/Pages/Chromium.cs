namespace DataPlatform.App.Tests.Pages;

/// <summary>The browser that tests of pages drive.</summary>
internal static class Chromium
{
    /// <summary>What tests say that were skipped.</summary>
    public const string Missing = "Chromium is not installed: 'apt-get install chromium', or set CHROMIUM to its program.";

    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <returns>Null when there is none.</returns>
    public static string? Find() => Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } chosen
        ? chosen
        : Names.SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
}
