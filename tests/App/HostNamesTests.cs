using System.Text.RegularExpressions;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests;

/// <summary>The official packages bring types that the local runtime does not have. Where they share a name with one that is used, the other build does not
/// compile.</summary>
public sealed partial class HostNamesTests
{
    [Fact]
    public void Exceptions_of_the_engine_below_are_named_one_by_one()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "functions"), "*.cs", SearchOption.AllDirectories).ToList();
        Assert.Contains(files, file => Alias().IsMatch(File.ReadAllText(file)));

        // DurableTask.Core has a TaskFailedException, too.
        Assert.DoesNotContain(files, file => Whole().IsMatch(File.ReadAllText(file)));
    }

    [GeneratedRegex(@"^using DurableTask\.Core[\w.]*;", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^using \w+ = DurableTask\.Core\.", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Alias();
}
