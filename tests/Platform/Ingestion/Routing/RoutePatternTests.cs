using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Ingestion.Routing;

public sealed class RoutePatternTests
{
    [Theory]
    [InlineData("urn:device:*", "urn:device:7", true)]
    [InlineData("urn:device:*", "urn:device:", true)]
    [InlineData("urn:device:*", "xurn:device:7", false)]
    [InlineData("text/csv", "text/csv", true)]
    [InlineData("text/csv", "text/csvx", false)]
    [InlineData("*", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("*ab*ab", "abab", true)]
    [InlineData("*ab*ab", "abxab", true)]
    [InlineData("*ab*ab", "abx", false)]
    public void A_star_stands_for_any_characters(string pattern, string text, bool expected) => Assert.Equal(expected, RoutePattern.Matches(pattern, text));

    [Fact]
    public void Any_pattern_matches_as_the_regular_expression_of_it_does() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2000),
        Prop.ForAll(Gen.Elements('a', 'b', '*').ListOf().Zip(Gen.Elements('a', 'b').ListOf()).ToArbitrary(), pair =>
        {
            var (pattern, text) = (string.Concat(pair.Item1), string.Concat(pair.Item2));
            var expected = new Regex($"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}\\z", RegexOptions.NonBacktracking).IsMatch(text);
            return RoutePattern.Matches(pattern, text) == expected;
        }));

    [Fact]
    public void A_pattern_of_many_stars_takes_no_time() =>
        Assert.False(RoutePattern.Matches(string.Concat(Enumerable.Repeat("*a", 500)) + "b", new string('a', 20_000)));
}
