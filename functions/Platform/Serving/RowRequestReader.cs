using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Serving;

/// <summary>Reads the options of a rows route. Unknown and repeated ones are errors: a mistyped filter must not return everything.</summary>
internal static class RowRequestReader
{
    private static readonly string[] Options = ["select", "filter", "orderby", "top", "skip", "count", "apply", "compute", "format", "after", "version", "timestamp", "min-version"];

    /// <exception cref="TerminalException">400 with all options at fault, 406.</exception>
    public static RowRequest Read(HttpRequest request)
    {
        var details = new List<FailureDetail>();
        foreach (var (name, values) in request.Query)
        {
            if (!Options.Contains(name, StringComparer.Ordinal))
            {
                details.Add(new FailureDetail(
                    "UnknownQueryOption",
                    $"There is no option '{name}' here.{DidYouMean.Sentence(name.TrimStart('$'), Options)} Options: {string.Join(", ", Options)}.",
                    name));
            }
            else if (values.Count > 1)
            {
                details.Add(new FailureDetail("DuplicateQueryOption", $"The option {name} is there {values.Count} times: give it once.", name));
            }
        }

        if (details.Count > 0)
        {
            throw new TerminalException(
                FailureKind.Invalid, details[0].Code, details[0].Message, details[0].Target, details.Count > 1 ? details : null);
        }

        var query = request.Query;
        var text = new QueryText(One("select"), One("filter"), One("orderby"), One("top"), One("skip"), One("count"), One("apply"), One("compute"));
        var format = RowFormats.Choose(One("format"), request.Headers);
        var version = new TableVersionRequest(Version("version"), Time("timestamp"), Version("min-version") ?? -1);
        if (One("after") is not { } after)
            return new RowRequest(text, format, version);

        if (format is not RowFormat.Json)
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The option after is for pages, which only JSON has: other formats have all rows in one answer.", "after");
        var cursor = RowCursor.Read(after, text.ToString(), "after");
        return version is { Version: null, Timestamp: null } || version.Version == cursor.Version
            ? new RowRequest(text, format, new TableVersionRequest(cursor.Version), cursor)
            : throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", $"The option after goes on in version {cursor.Version}: leave version and timestamp out.", "version");

        string? One(string name) => query.TryGetValue(name, out var values) ? values.ToString() : null;

        DateTimeOffset? Time(string name) => One(name) is not { } text ? null
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption", $"The option {name} must be a time like 2026-12-31T23:59:59Z.", name);

        long? Version(string name) => One(name) is not { } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version
            : throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption", $"The option {name} is '{text}' and must be a table version: a whole number from 0.", name);
    }
}
