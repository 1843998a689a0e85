using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace DataPlatform.Serving.Dashboards;

/// <summary>Reads the choice from a request: <c>last</c> or <c>from</c> and <c>to</c>, and <c>filter.{dimension}</c> as often as there are values.</summary>
public static class DashboardChoiceReader
{
    private const string Prefix = "filter.";
    private const int MaxValues = 500;
    private const int MaxValueLength = 1000;

    /// <exception cref="TerminalException"><c>UnknownQueryOption</c>, <c>DuplicateQueryOption</c>, <c>InvalidQueryOption</c>.</exception>
    public static DashboardChoice Read(IQueryCollection query, DashboardDefinition dashboard)
    {
        var filters = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        List<string> known = [.. dashboard.Time is null ? [] : (string[])["last", "from", "to"], .. dashboard.Filters.Select(filter => Prefix + filter.Dimension)];
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name, StringComparer.Ordinal))
                throw new TerminalException(FailureKind.Invalid, "UnknownQueryOption", $"The dashboard '{dashboard.Name}' has no option '{name}'.{DidYouMean.Sentence(name, known)} {(known.Count == 0 ? "It has none." : $"It has {string.Join(", ", known)}.")}", name);
            if (name.StartsWith(Prefix, StringComparison.Ordinal))
                filters.Add(name[Prefix.Length..], Values(name, values));
            else if (values.Count != 1)
                throw new TerminalException(FailureKind.Invalid, "DuplicateQueryOption", $"The option {name} is there {values.Count} times: give it once.", name);
        }

        var choice = new DashboardChoice { Last = Last(query["last"]), From = Time(query, "from"), To = Time(query, "to"), Filters = filters };
        if (choice.Last is not null && (choice.From is not null || choice.To is not null))
            throw Invalid("last", "'last' says which time is meant, and so do 'from' and 'to': give one or the other.");
        return choice.From >= choice.To ? throw Invalid("to", "'to' is the moment behind the last and must be later than 'from'.") : choice;
    }

    private static string[] Values(string name, StringValues values)
    {
        if (values.Count > MaxValues || values.Any(value => value?.Length > MaxValueLength))
            throw Invalid(name, $"The option {name} takes up to {MaxValues} values of up to {MaxValueLength} characters.");
        return [.. values.Select(value => value ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private static string? Last(string? text) => text is null or DashboardTime.All || Iso8601Duration.TryParse(text, out _)
        ? text
        : throw Invalid("last", $"'{ObjectReader.Shorten(text)}' is not an ISO 8601 duration of weeks, days, hours, minutes and seconds: write 'P7D', 'PT12H' or '{DashboardTime.All}'.");

    private static DateTimeOffset? Time(IQueryCollection query, string name) =>
        query[name] is not [{ } text] ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? new DateTimeOffset(time.Ticks - (time.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero)
            : throw Invalid(name, $"The option {name} must be a day like 2026-12-31 or a time like 2026-12-31T23:59:59Z.");

    private static TerminalException Invalid(string option, string message) => new(FailureKind.Invalid, "InvalidQueryOption", message, option);
}
