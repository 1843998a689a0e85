using System.Text.RegularExpressions;

namespace DataPlatform.Catalog;

/// <summary>
/// ISO 8601 durations of fixed length: weeks, or days with hours, minutes and seconds. Years and months have no fixed length
/// and are refused.
/// </summary>
public static partial class Iso8601Duration
{
    private const long LongestSeconds = 10_000L * 24 * 3600;

    /// <returns>False when <paramref name="text"/> is no such duration, is zero or is longer than 10,000 days.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        if (Duration().Match(text) is not { Success: true } match)
            return false;

        long Part(string name) => match.Groups[name] is { Success: true } group ? long.Parse(group.ValueSpan) : 0;
        var seconds = (((((Part("W") * 7) + Part("D")) * 24) + Part("H")) * 3600) + (Part("M") * 60) + Part("S");
        if (seconds is <= 0 or > LongestSeconds)
            return false;

        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }

    [GeneratedRegex(
        @"^P(?:(?<W>[0-9]{1,9})W|(?<D>[0-9]{1,9})D)?(?:(?<=P|D)T(?=[0-9])(?:(?<H>[0-9]{1,9})H)?(?:(?<M>[0-9]{1,9})M)?(?:(?<S>[0-9]{1,9})S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Duration();
}
