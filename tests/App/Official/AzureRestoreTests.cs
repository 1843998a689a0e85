using System.Diagnostics;
using System.Text.RegularExpressions;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Official;

/// <summary>The azure build restores, or fails for packages that cannot be reached and nothing else.</summary>
public sealed partial class AzureRestoreTests : IDisposable
{
    // NU1101 and NU1102: no such package or version in any source. NU1301: a source does not answer. NU1603: a source has only other versions.
    private static readonly string[] Unreachable = ["NU1101", "NU1102", "NU1301", "NU1603"];
    private static readonly string[] OfficialPackages = ["Microsoft.Azure.Functions.", "Azure.Messaging.EventHubs", "Azure.Storage.Files.DataLake"];

    // A copy of what a restore reads, so that it leaves no lock file and no assets in the repository.
    private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-").FullName;

    public void Dispose() => DataPlatform.TestKit.Leftovers.Delete(_folder);

    [Fact]
    public async Task Restore_fails_only_for_official_packages_out_of_reach()
    {
        CopyProjects();
        var locks = LockFiles();

        var (status, output) = await RestoreAsync("-p:FunctionsHost=azure");

        Assert.Equal(locks, LockFiles());
        var errors = Error().Matches(output);
        Assert.True(status == 0 == (errors.Count == 0), output);

        // Another version than the one asked for asks for other versions in turn, which may be newer than those that stand in the lists.
        var replaced = output.Contains("NU1603", StringComparison.Ordinal) || errors.Any(error => error.Groups["code"].Value == "NU1603");
        Assert.All(errors.Where(error => !(replaced && error.Groups["code"].Value == "NU1605")), error =>
        {
            Assert.True(Unreachable.Contains(error.Groups["code"].Value), error.Value);
            Assert.True(
                error.Groups["code"].Value is "NU1301" or "NU1603"
                || OfficialPackages.Any(name => error.Groups["text"].Value.Contains($"package {name}", StringComparison.Ordinal)),
                error.Value);
        });
    }

    [Fact]
    public async Task A_malformed_project_would_be_found()
    {
        CopyProjects();
        var project = Path.Combine(_folder, "functions", "App", "DataPlatform.App.csproj");
        await File.WriteAllTextAsync(project, (await File.ReadAllTextAsync(project, Cancel)).Replace(
            "<PackageReference Include=\"Microsoft.Azure.Functions.Worker\" />",
            "<PackageReference Include=\"Microsoft.Azure.Functions.Worker\" Version=\"2.52.0\" />",
            StringComparison.Ordinal), Cancel);

        var (status, output) = await RestoreAsync("-p:FunctionsHost=azure");

        Assert.NotEqual(0, status);
        Assert.Contains(Error().Matches(output), error => error.Groups["code"].Value == "NU1008");
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Dictionary<string, string> LockFiles() =>
        Directory.EnumerateFiles(_folder, "packages.*.lock.json", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText);

    private void CopyProjects()
    {
        string[] files =
        [
            "global.json", "Directory.Build.props", "Directory.Packages.props",
            .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "functions"), "*.csproj", SearchOption.AllDirectories)
                .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "functions"), "packages.*.lock.json", SearchOption.AllDirectories))
                .Select(file => Path.GetRelativePath(Repository.Root, file)),
        ];
        foreach (var file in files)
        {
            var copy = Path.Combine(_folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(Repository.Root, file), copy);
        }
    }

    private async Task<(int Status, string Output)> RestoreAsync(params string[] properties)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in (string[])["restore", "functions/App", "-nologo", "-v:m", "-tl:off", .. properties])
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment.Remove("FunctionsHost");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex(@"error (?<code>[A-Z]+\d+): (?<text>.*)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Error();
}
