using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>Reads the header <c>Prefer</c> (RFC 7240). Preferences that are not known here are passed over, as it demands.</summary>
public static class Preference
{
    public const string AppliedHeader = "Preference-Applied";

    /// <summary>The preference to be answered at once with 202, rather than at the end.</summary>
    public const string RespondAsync = "respond-async";

    private const string Header = "Prefer";

    public static bool Has(HttpRequest request, string preference) => request.Headers[Header]
        .SelectMany(line => (line ?? "").Split(','))
        .Any(item => item.Split(';', '=')[0].Trim().Equals(preference, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value of a preference, as in <c>name=value</c>.</summary>
    /// <returns>Null when it is not there or has none.</returns>
    public static string? ValueOf(HttpRequest request, string preference) => request.Headers[Header]
        .SelectMany(line => (line ?? "").Split(','))
        .Select(item => item.Split(';')[0].Split('=', 2))
        .Where(pair => pair.Length == 2 && pair[0].Trim().Equals(preference, StringComparison.OrdinalIgnoreCase))
        .Select(pair => pair[1].Trim().Trim('"'))
        .FirstOrDefault();
}
