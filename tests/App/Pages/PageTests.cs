using System.Text.RegularExpressions;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Pages;

/// <summary>The pages in Chromium, by Playwright; axe must find nothing. What is done there is in <c>pages.mjs</c>.</summary>
public sealed partial class PageTests(PageFixture pages) : IClassFixture<PageFixture>
{
    public static TheoryData<string> Cases() =>
        [.. Case().Matches(File.ReadAllText(Path.Combine(Repository.Root, "tests", "App", "Pages", "pages.mjs"))).Select(match => match.Groups["name"].Value)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void In_a_browser(string name)
    {
        Assert.SkipWhen(Chromium.Find() is null, Chromium.Missing);

        Assert.True(pages.Outcomes.TryGetValue(name, out var error), $"'{name}' did not run.");
        Assert.True(error is null, error);
    }

    [Fact]
    public void There_are_cases() => Assert.True(Cases().Count > 10);

    [GeneratedRegex(@"^  async (?<name>\w+)\(\) \{$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Case();
}
