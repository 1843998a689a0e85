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
}
