using System.Globalization;
using DataPlatform.Serving.TableReading;

namespace DataPlatform.Serving.OData;

/// <summary>The value of <c>$skiptoken</c>: the size of pages, which clients say once only, and a cursor.</summary>
internal static class PageToken
{
    /// <param name="query">Everything of the request that must stay the same from page to page.</param>
    public static string Write(RowCursor cursor, int pageSize, string query) =>
        string.Create(CultureInfo.InvariantCulture, $"{pageSize}.{cursor.Write(QueryOf(pageSize, query))}");

    /// <exception cref="Failures.TerminalException"><c>InvalidCursor</c>.</exception>
    public static (RowCursor Cursor, int PageSize) Read(string text, string query)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && int.TryParse(text.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size > 0
            ? (RowCursor.Read(text[(dot + 1)..], QueryOf(size, query), "$skiptoken"), size)
            : throw RowCursor.Invalid("$skiptoken");
    }

    private static string QueryOf(int pageSize, string query) => string.Create(CultureInfo.InvariantCulture, $"{pageSize}\n{query}");
}
