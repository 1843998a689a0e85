using System.Globalization;
using System.Text.RegularExpressions;

namespace DataPlatform.Tables;

/// <summary>Durations as table properties have them: <c>interval 30 days</c>, <c>interval 1 week 12 hours</c>.</summary>
internal static partial class Interval
{
    /// <returns>Null for what is no duration; months and years have no fixed length.</returns>
    public static TimeSpan? TryParse(string? text)
    {
        if (text is null || Text().Match(text) is not { Success: true } match)
            return null;

        double seconds = 0;
        for (var i = 0; i < match.Groups["number"].Captures.Count; i++)
        {
            var number = double.Parse(match.Groups["number"].Captures[i].Value, CultureInfo.InvariantCulture);
            seconds += number * Unit(match.Groups["unit"].Captures[i].Value.ToLowerInvariant()).TotalSeconds;
        }

        return seconds < TimeSpan.MaxValue.TotalSeconds / 10 ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue / 10;
    }

    private static TimeSpan Unit(string name) => name switch
    {
        "week" => TimeSpan.FromDays(7),
        "day" => TimeSpan.FromDays(1),
        "hour" => TimeSpan.FromHours(1),
        "minute" => TimeSpan.FromMinutes(1),
        "second" => TimeSpan.FromSeconds(1),
        "millisecond" => TimeSpan.FromMilliseconds(1),
        _ => TimeSpan.FromMicroseconds(1),
    };

    // Without backtracking only the last capture of a group would be kept; the text is a table's own, and the match is linear.
    [GeneratedRegex(
        @"^\s*(interval\s+)?((?<number>[0-9]{1,12})\s+(?<unit>week|day|hour|minute|second|millisecond|microsecond)s?(\s+|$))+$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Text();
}
