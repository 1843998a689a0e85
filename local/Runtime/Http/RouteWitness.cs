using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing.Patterns;

namespace DataPlatform.Local.Runtime.Http;

/// <summary>Looks for a path that two routes both match, by trying values that the built-in constraints tell apart.</summary>
/// <remarks>What it finds is real; that it finds nothing proves nothing where constraints are regular expressions.</remarks>
internal static class RouteWitness
{
    private static readonly string[] Values =
    [
        "abc", "7", "0", "-7", "42", "12345", "1234567890123", "1.5", "true", "2020-01-02", "2020-01-02T03:04:05", "a", "ab", "abcdef", "abcdefghijklmnop",
        "A1", "a-b", "a_b", "a.b", "report.csv", "CD2C1638-1638-72D5-1638-DEADBEEF1638", "x x", "",
    ];

    public static string? Find(HttpRoute first, HttpRoute second)
    {
        var count = Math.Max(first.Pattern.PathSegments.Count, second.Pattern.PathSegments.Count);
        var path = "";
        for (var i = 0; i < count; i++)
        {
            if (Segment(first, second, i, path) is not { } segment)
            {
                return null;
            }

            path += "/" + segment;
        }

        return Matches(first, second, path) ? path : null;
    }

    // Segments are matched one by one, so the first value that fits one is as good as any other.
    private static string? Segment(HttpRoute first, HttpRoute second, int index, string before)
    {
        var values = Literals(first, index).Concat(Literals(second, index)).Concat(Values);
        var last = index == Math.Max(first.Pattern.PathSegments.Count, second.Pattern.PathSegments.Count) - 1;
        return values.FirstOrDefault(value => last
            ? Matches(first, second, $"{before}/{value}")
            : first.FitsSegment(index, value) && second.FitsSegment(index, value));
    }

    private static IEnumerable<string> Literals(HttpRoute route, int index)
    {
        if (index >= route.Pattern.PathSegments.Count)
        {
            yield break;
        }

        // A segment of several parts, such as {name}.{format}: its literals with each value in the gaps.
        var parts = route.Pattern.PathSegments[index].Parts;
        if (parts.All(part => part is RoutePatternParameterPart))
        {
            yield break;
        }

        foreach (var value in Values)
        {
            yield return string.Concat(parts.Select(part => part switch
            {
                RoutePatternLiteralPart literal => literal.Content,
                RoutePatternSeparatorPart separator => separator.Content,
                _ => value,
            }));
        }
    }

    private static bool Matches(HttpRoute first, HttpRoute second, string path) =>
        first.MatchPath(new PathString(path)) is not null && second.MatchPath(new PathString(path)) is not null;
}
