using System.Reflection;
using System.Text.RegularExpressions;
using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using DataPlatform.Lake;
using DataPlatform.TestKit;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Platform.Tests;

/// <summary>Holds the code to the picture in ARCHITECTURE.md.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Architecture Code = new ArchLoader().LoadAssemblies(typeof(LakePath).Assembly).Build();

    private static readonly IReadOnlyDictionary<string, string[]> Allowed = ReadTable();

    [Fact]
    public void Every_folder_of_the_platform_is_in_the_table()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(Repository.Root, "functions", "Platform"))
            .Where(folder => Directory.EnumerateFiles(folder, "*.cs").Any())
            .Select(folder => Path.GetFileName(folder)!);

        Assert.Empty(folders.Except(Allowed.Keys));
    }

    [Fact]
    public void Folders_use_only_what_the_table_allows()
    {
        var broken = Code.Types
            .SelectMany(type => type.Dependencies, (type, dependency) => (From: Folder(type), To: Folder(dependency.Target), type, dependency))
            .Where(use => use.From is not null && use.To is not null && use.From != use.To && !Allowed[use.From].Contains(use.To))
            .Select(use => $"{use.type.FullName} ({use.From}) uses {use.dependency.Target.FullName} ({use.To})")
            .Distinct()
            .Order();

        Assert.Empty(broken);
    }

    [Fact]
    public void The_platform_knows_nothing_of_Functions()
    {
        var broken = Code.Types
            .SelectMany(type => type.Dependencies, (type, dependency) => (type, Target: dependency.Target.FullName))
            .Where(use => use.Target.StartsWith("Microsoft.Azure.Functions", StringComparison.Ordinal)
                || use.Target.StartsWith("Microsoft.DurableTask", StringComparison.Ordinal)
                || use.Target.StartsWith("Microsoft.AspNetCore.Routing", StringComparison.Ordinal));

        Assert.Empty(broken);
    }

    [Fact]
    public void Event_ids_of_logs_are_given_once()
    {
        var twice = typeof(LakePath).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .SelectMany(method => method.GetCustomAttributes<LoggerMessageAttribute>(), (method, message) => (method, message.EventId))
            .GroupBy(message => message.EventId)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key}: {string.Join(", ", group.Select(message => $"{message.method.DeclaringType}.{message.method.Name}"))}");

        Assert.Empty(twice);
    }

    [GeneratedRegex(@"^\| (?<folder>[A-Z]\w+) \| (?<uses>[\w, ]*) ?\| ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();

    private static Dictionary<string, string[]> ReadTable()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "ARCHITECTURE.md"));
        return TableRow().Matches(text).ToDictionary(
            row => row.Groups["folder"].Value,
            row => row.Groups["uses"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    private static string? Folder(IType type)
    {
        var parts = type.FullName.Split('.');
        return parts.Length > 2 && parts[0] == "DataPlatform" && Allowed.ContainsKey(parts[1]) ? parts[1] : null;
    }
}
