using System.Globalization;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>The query options of a request, read strictly: unknown or repeated ones are errors, for their sender meant something.</summary>
public sealed class QueryOptions
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <param name="allowed">All options the route knows.</param>
    /// <exception cref="TerminalException"><c>UnknownQueryOption</c> or <c>DuplicateQueryOption</c>.</exception>
    public QueryOptions(HttpRequest request, params IReadOnlyList<string> allowed)
    {
        foreach (var (name, values) in request.Query)
        {
            if (!allowed.Contains(name))
                throw new TerminalException(FailureKind.Invalid, "UnknownQueryOption", $"There is no query option '{Shorten(name)}' here. {(allowed.Count == 0 ? "This address takes none." : $"Known: {string.Join(", ", allowed)}.")}", Shorten(name));
            if (values.Count != 1)
                throw new TerminalException(FailureKind.Invalid, "DuplicateQueryOption", $"The query option '{name}' is there {values.Count} times: give it once.", name);
            _values[name] = values[0] ?? "";
        }
    }

    /// <returns>Null when it is not there.</returns>
    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <returns>Null when it is not there.</returns>
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>.</exception>
    public long? Number(string name, long min, long max) =>
        !_values.TryGetValue(name, out var text) ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max ? value
        : throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", $"The query option '{name}' must be a whole number from {min} to {max}, not '{Shorten(text)}'.", name);

    /// <returns>Null when it is not there.</returns>
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>.</exception>
    public DateTimeOffset? Time(string name) =>
        !_values.TryGetValue(name, out var text) ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", $"The query option '{name}' must be a time like 2026-12-31T23:59:59Z.", name);

    private static string Shorten(string text) => text.Length <= 64 ? text : text[..64] + "…";
}
