using System.Text.RegularExpressions;

namespace DataPlatform.Gateway;

/// <summary>
/// Scopes are <c>verb:thing</c>, such as <c>ingest:flights</c> or <c>read:mart/daily_delays</c>. A granted scope that ends with
/// <c>:*</c> or <c>/*</c> covers all below it; <c>admin</c> covers everything.
/// </summary>
public static partial class ScopeMatcher
{
    public const string Admin = "admin";

    public static bool Covers(string granted, string needed)
    {
        if (granted == Admin || granted == needed)
            return true;

        // The star stands for at least one character.
        return (granted.EndsWith(":*", StringComparison.Ordinal) || granted.EndsWith("/*", StringComparison.Ordinal))
            && needed.Length >= granted.Length
            && needed.AsSpan(0, granted.Length - 1).SequenceEqual(granted.AsSpan(0, granted.Length - 1));
    }

    /// <summary>The scope a request needs: the route's, with its parameters filled in. Of a folder, whose address ends with a slash, it is that of
    /// all below.</summary>
    public static string Fill(string scope, IReadOnlyDictionary<string, object?> routeValues)
    {
        var filled = Parameter().Replace(scope, match => routeValues.GetValueOrDefault(match.Groups["name"].Value)?.ToString() ?? "");
        return filled.EndsWith('/') ? filled + "*" : filled;
    }

    /// <summary>The route parameters that a scope speaks of.</summary>
    public static IEnumerable<string> Parameters(string scope) => Parameter().Matches(scope).Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"\{(?<name>[A-Za-z][A-Za-z0-9]*)\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Parameter();
}
