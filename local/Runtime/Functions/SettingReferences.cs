using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>Settings named in the text of an attribute, as <c>%name%</c>.</summary>
internal static partial class SettingReferences
{
    /// <param name="what">What the text is, such as <c>schedule</c>.</param>
    /// <returns>The text with the settings' values in it, or what is wrong.</returns>
    public static (string? Text, string? Problem) Resolve(string what, string expression, IConfiguration settings)
    {
        var missing = new List<string>();
        var text = Reference().Replace(expression, match =>
        {
            var name = match.Groups["name"].Value;
            if (settings[name] is { Length: > 0 } value)
            {
                return value;
            }

            missing.Add(name);
            return match.Value;
        });
        if (missing.Count > 0)
        {
            return (null, $"its {what} '{expression}' names settings that are not there: {string.Join(", ", missing)}");
        }

        return text.Contains('%', StringComparison.Ordinal) ? (null, $"its {what} '{text}' has a '%' without its pair") : (text, null);
    }

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();
}
