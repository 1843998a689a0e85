using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>The functions that settings turn off: <c>AzureWebJobs.NAME.Disabled</c>, or with <c>_</c> where names may have no dots.</summary>
internal static class DisabledFunctions
{
    private const string Prefix = "AzureWebJobs";
    private const string Suffix = "Disabled";

    public static IReadOnlySet<string> Read(IEnumerable<string> functions, IConfiguration settings, StartErrors errors)
    {
        var names = functions.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var disabled = names
            .Where(name => IsOn(settings[$"{Prefix}.{name}.{Suffix}"]) || IsOn(settings[$"{Prefix}_{name}_{Suffix}"]))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (disabled.Count > 0)
        {
            errors.Warn($"Disabled functions: {string.Join(", ", disabled.Order(StringComparer.OrdinalIgnoreCase))}.");
        }

        foreach (var (key, name) in settings.GetChildren().Select(s => (s.Key, Name: NameIn(s.Key))))
        {
            if (name is not null && !names.Contains(name))
            {
                errors.Warn($"Setting {key} is for a function that is not there{Suggestion.For(name, names)}.");
            }
        }

        foreach (var section in settings.GetSection(Prefix).GetChildren().Where(s => s[Suffix] is not null))
        {
            errors.Warn($"Setting {Prefix}:{section.Key}:{Suffix} is not read by the official host, so it disables nothing; write {Prefix}_{section.Key}_{Suffix}.");
        }

        return disabled;
    }

    private static string? NameIn(string key)
    {
        foreach (var separator in (char[])['.', '_'])
        {
            var start = Prefix + separator;
            var end = separator + Suffix;
            if (key.Length > start.Length + end.Length &&
                key.StartsWith(start, StringComparison.OrdinalIgnoreCase) &&
                key.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            {
                return key[start.Length..^end.Length];
            }
        }

        return null;
    }

    private static bool IsOn(string? value) => value == "1" || string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);
}
