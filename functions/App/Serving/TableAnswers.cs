using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Serving;
using DataPlatform.Serving.Inspection;
using DataPlatform.Tables;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Serving;

/// <summary>Answers requests about tables.</summary>
public sealed class TableAnswers(TableInspector inspector, Links links)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "kind", "top", "after");
        TableKind? kind = query.Text("kind") is not { } word ? null
            : EnumNames.TryParse<TableKind>(word, out var known) ? known
            : throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption", $"The query option 'kind' is one of {string.Join(", ", EnumNames.All<TableKind>())}.", "kind");
        var top = Top(query);
        var entries = await inspector.ListAsync(kind, query.Text("after"), top + 1, cancellationToken);
        var hasMore = entries.Count > top;
        return links.List(request, hasMore ? [.. entries.Take(top)] : entries, "after", hasMore ? entries[top - 1].Name : null);
    }

    public async Task<IResult> DescribeAsync(HttpRequest request, string table, CancellationToken cancellationToken)
    {
        var version = Version(new QueryOptions(request, "version", "timestamp"));
        var found = await FindAsync(request, table, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, await inspector.DescribeAsync(found, version, cancellationToken));
    }

    public async Task<IResult> StatisticsAsync(HttpRequest request, string table, CancellationToken cancellationToken)
    {
        var version = Version(new QueryOptions(request, "version", "timestamp"));
        var found = await FindAsync(request, table, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, await inspector.StatisticsAsync(found, version, cancellationToken));
    }

    public async Task<IResult> HistoryAsync(HttpRequest request, string table, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "version", "timestamp", "top", "before");
        var (version, before, top) = (Version(query), query.Number("before", 0, long.MaxValue), Top(query));
        var found = await FindAsync(request, table, cancellationToken);
        var page = await inspector.HistoryAsync(found, version, before, top, cancellationToken);
        return links.List(request, page.Commits, "before", page.Next?.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    private static int Top(QueryOptions query) => (int)(query.Number("top", 1, MaxTop) ?? DefaultTop);

    private static TableVersionRequest Version(QueryOptions query) => new(query.Number("version", 0, long.MaxValue), query.Time("timestamp"));

    /// <summary>Smallest and largest values are data: who asks needs what reading the rows of the table would need.</summary>
    private async Task<ServedTable> FindAsync(HttpRequest request, string table, CancellationToken cancellationToken)
    {
        var found = await inspector.FindAsync(table, cancellationToken);
        var scope = $"read:{EnumNames.Of(found.Name.Kind)}/{found.Name.Name}";
        return Caller.Of(request.HttpContext).Has(scope)
            ? found
            : throw new TerminalException(FailureKind.Forbidden, "ScopeMissing", $"Your key lacks the scope '{scope}'.", "scope");
    }
}
