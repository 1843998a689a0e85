using System.Reflection;
using System.Text.RegularExpressions;
using DataPlatform.TestKit;

namespace DataPlatform.Conformance.Tests;

/// <summary>docs/local-runtime.md promises only what a test shows, and names every test class of this suite.</summary>
public sealed partial class DocumentTests
{
    private const string LastColumn = "shown by";

    private static readonly List<string[]> Rows =
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "docs", "local-runtime.md"))
            .Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|')),
    ];

    private static IEnumerable<string> Named => Rows.SelectMany(row => Name().Matches(row[^1])).Select(match => match.Groups["path"].Value);

    [Fact]
    public void Every_row_names_the_tests_that_show_it() =>
        Assert.All(Rows, row => Assert.True(row[^1].Trim() == LastColumn || Name().IsMatch(row[^1]), $"No test is named for: {row[0]}"));

    [Fact]
    public void The_tests_that_are_named_exist() =>
        Assert.All(Named, path => Assert.Contains("[Fact", Source(path), StringComparison.Ordinal));

    [Fact]
    public void Every_class_of_this_suite_is_named()
    {
        var classes = typeof(DocumentTests).Assembly.GetTypes()
            .Where(type => type != typeof(DocumentTests) && type.GetMethods().Any(method => method.GetCustomAttributes<FactAttribute>().Any()))
            .Select(type => type.FullName!["DataPlatform.Conformance.Tests.".Length..].Replace('.', '/'));
        Assert.Empty(classes.Select(name => $"Conformance/{name}").Except(Named));
    }

    private static string Source(string path)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "tests", $"{path}.cs"));
        return text.Replace("[Theory", "[Fact", StringComparison.Ordinal);
    }

    [GeneratedRegex("`(?<path>(Conformance|Runtime)/[A-Za-z/]+Tests)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();
}
