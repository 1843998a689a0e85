using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Serving.Queries;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Serving;

/// <summary>Answers <c>GET …/rows</c>: one query over one version of one table, streamed.</summary>
public sealed class RowsDoor(
    TableVersions versions, [FromKeyedServices(SqlEngine.Serving)] SqlEngine engine, IOptions<PlatformOptions> options, ILogger<RowsDoor> logger)
{
    /// <summary>The name of the view that queries read.</summary>
    private const string Relation = "rows";

    /// <summary>Written to the client when this much is waiting.</summary>

    private static readonly QueryLimits Limits = QueryLimits.Default;
    private static readonly QueryParser Parser = new(Limits);

    /// <summary>Writes the response. Until its first bytes are sent nothing of it is set, so that a failure becomes an error document;
    /// a failure after that aborts the connection, since cut-off data must not look complete.</summary>
    /// <exception cref="TerminalException">400, 404, 406, 410, 501.</exception>
    public async Task AnswerAsync(HttpContext context, ServedTable table, CancellationToken cancellationToken)
    {
        var request = RowRequestReader.Read(context.Request);
        var snapshot = await versions.ResolveAsync(table, request.Version, cancellationToken);
        var etag = ETagOf(table, snapshot, request);
        if (Matches(context.Request.Headers, etag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            SetHeaders(context.Response, snapshot, etag);
            return;
        }

        var query = Parser.Parse(table.ColumnsOf(snapshot), request.Text);
        await using var session = await engine.OpenAsync(cancellationToken);
        await MountAsync(session, snapshot, cancellationToken);
        var count = query.Count ? await CountAsync(session, query, cancellationToken) : (long?)null;

        // Only JSON has a place for a link to the next page; a cut-off CSV would look complete.
        var page = request.Format is RowFormat.Json && query.Top is null ? Limits.PageSize : (int?)null;
        var planned = QueryPlanner.Rows(page is null ? query : query with { Top = page + 1 }, Relation, TieBreakers(table, snapshot, query));
        using var cursor = await session.QueryAsync(planned.Text, planned.Parameters, cancellationToken);

        var answer = new Answer(context, snapshot, etag, request, query, count, page);
        try
        {
            // Reading blocks while rows are computed.
            await Task.Run(() => WriteAsync(answer, cursor, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (context.Response.HasStarted)
        {
            if (exception is not OperationCanceledException)
                Log.AnswerCutOff(logger, table.Name.Name, snapshot.Version, exception);
            context.Abort();
            throw;
        }
    }

    private async Task WriteAsync(Answer answer, SqlCursor cursor, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(40 << 10);
        var writer = RowWriter.Create(answer.Request.Format, answer.Query.Select, buffer);
        using var disposable = writer as IDisposable;
        writer.Begin(answer.Count);
        var rows = 0;
        var more = false;
        while (cursor.Read())
        {
            if (rows == answer.Page)
            {
                more = true;
                break;
            }

            writer.Write(cursor.Reader);
            rows++;
            if (buffer.WrittenCount + writer.Pending >= writer.FlushBytes)
                await SendAsync(answer, writer, buffer, cancellationToken);
        }

        writer.End(more ? NextLink(answer) : null);
        await SendAsync(answer, writer, buffer, cancellationToken);
    }

    private static async Task SendAsync(Answer answer, RowWriter writer, ArrayBufferWriter<byte> buffer, CancellationToken cancellationToken)
    {
        writer.Flush();
        var response = answer.Context.Response;
        if (!response.HasStarted)
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = RowFormats.ContentType(answer.Request.Format);
            SetHeaders(response, answer.Snapshot, answer.ETag);
            if (answer is { Count: { } count, Request.Format: not RowFormat.Json })
                response.Headers["Data-Count"] = count.ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(buffer.WrittenMemory, cancellationToken);
        buffer.ResetWrittenCount();
    }

    private static async Task MountAsync(SqlSession session, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await session.MountAsync(Relation, snapshot, new MountOptions { Instants = true, SystemColumns = true }, cancellationToken);
        }
        catch (ObjectNotFoundException exception)
        {
            throw new TerminalException(
                FailureKind.Gone,
                "TableVersionGone",
                $"Files of version {snapshot.Version} of table '{snapshot.Table}' are no longer there. Start again without version.",
                "version",
                innerException: exception);
        }
    }

    private static async Task<long> CountAsync(SqlSession session, TableQuery query, CancellationToken cancellationToken)
    {
        var planned = QueryPlanner.Count(query, Relation);
        var counts = await session.ReadAsync(planned.Text, planned.Parameters, reader => reader.GetInt64(0), cancellationToken);
        return counts[0];
    }

    /// <summary>The key where there is one. Without one, unordered rows come as the files have them, which is the same each time; ordered
    /// ones are told apart by all columns.</summary>
    private static IReadOnlyList<TableColumn> TieBreakers(ServedTable table, Snapshot snapshot, TableQuery query) =>
        table.Key.Count > 0 ? [.. snapshot.Columns.Where(column => table.Key.Contains(column.Name))]
        : query.OrderBy.Count > 0 ? table.ColumnsOf(snapshot)
        : [];

    private string NextLink(Answer answer)
    {
        var (request, query) = (answer.Context.Request, answer.Query);
        var text = answer.Request.Text;
        var pairs = new List<KeyValuePair<string, string?>>
        {
            new("select", text.Select), new("filter", text.Filter), new("orderby", text.OrderBy), new("count", text.Count),
            new("skip", (query.Skip + answer.Page!.Value).ToString(CultureInfo.InvariantCulture)),
            new("format", request.Query["format"]),
            new("version", answer.Snapshot.Version.ToString(CultureInfo.InvariantCulture)),
        };
        var site = options.Value.PublicUrl is { Length: > 0 } url ? url.TrimEnd('/') : $"{request.Scheme}://{request.Host.ToUriComponent()}";
        return site + request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + QueryString.Create(pairs.Where(pair => pair.Value is not null));
    }

    private static void SetHeaders(HttpResponse response, Snapshot snapshot, string etag)
    {
        var headers = response.Headers;
        headers.ETag = etag;
        headers.Vary = "Accept, Accept-Encoding";
        headers.CacheControl = "private, no-cache";
        headers["Data-Version"] = snapshot.Version.ToString(CultureInfo.InvariantCulture);
        headers["Data-As-Of"] = snapshot.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    /// <summary>Names everything that the answer's content follows from. Weak, since compression may change the bytes.</summary>
    private static string ETagOf(ServedTable table, Snapshot snapshot, RowRequest request)
    {
        var source = $"{snapshot.TableId}\n{snapshot.Version}\n{table.DefinitionVersion}\n{request.Format}\n{request.Version.Version}\n{request.Version.Timestamp:O}\n{request.Text}";
        return $"W/\"{snapshot.Version}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)).AsSpan(0, 12))}\"";
    }

    private static bool Matches(IHeaderDictionary headers, string etag) =>
        headers.IfNoneMatch is { Count: > 0 } given
        && EntityTagHeaderValue.TryParseList(given, out var tags)
        && tags.Any(tag => tag.Tag == "*" || tag.Compare(EntityTagHeaderValue.Parse(etag), useStrongComparison: false));

    private sealed record Answer(
        HttpContext Context, Snapshot Snapshot, string ETag, RowRequest Request, TableQuery Query, long? Count, int? Page);
}
