using System.Buffers;
using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using DataPlatform.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Serving;

/// <summary>Answers <c>GET …/rows</c>: one query over one version of one table, streamed.</summary>
public sealed class RowsDoor(TableReads reads, IOptions<PlatformOptions> options, ILogger<RowsDoor> logger)
{
    private static readonly QueryLimits Limits = QueryLimits.Default;
    private static readonly QueryParser Parser = new(Limits);

    /// <summary>Writes the response. Until its first bytes are sent nothing of it is set, so that a failure becomes an error document;
    /// a failure after that aborts the connection, since cut-off data must not look complete.</summary>
    /// <exception cref="TerminalException">400, 404, 406, 410, 501.</exception>
    public async Task AnswerAsync(HttpContext context, ServedTable table, CancellationToken cancellationToken)
    {
        var request = RowRequestReader.Read(context.Request);
        var pinned = await reads.PinAsync(table, request.Version, cancellationToken);
        request.Cursor?.Check(pinned);
        var etag = pinned.ETag($"rows {request.Format}", $"{request.Version.Version}\n{request.Version.Timestamp:O}\n{context.Request.Query["after"]}\n{request.Text}");
        if (Matches(context.Request.Headers, etag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            SetHeaders(context.Response, pinned.Snapshot, etag);
            return;
        }

        var query = pinned.Parse(Parser, request.Text);

        // Only JSON has a place for a link to the next page; a cut-off CSV would look complete.
        var page = request.Format is not RowFormat.Json ? (int?)null : query.Top is null ? Limits.PageSize : Limits.MaxTop;
        await using var rows = await reads.OpenAsync(pinned, query, new ReadOptions { PageSize = page, After = request.Cursor?.Position }, cancellationToken);
        var answer = new Answer(context, rows, etag, request);
        try
        {
            // Reading blocks while rows are computed.
            await Task.Run(() => WriteAsync(answer, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (context.Response.HasStarted)
        {
            if (exception is not OperationCanceledException)
                Log.AnswerCutOff(logger, table.Name.Name, pinned.Snapshot.Version, exception);
            context.Abort();
            throw;
        }
    }

    private async Task WriteAsync(Answer answer, CancellationToken cancellationToken)
    {
        var rows = answer.Rows;
        var buffer = new ArrayBufferWriter<byte>(40 << 10);
        var writer = RowWriter.Create(answer.Request.Format, rows.Columns, buffer);
        using var disposable = writer as IDisposable;
        writer.Begin(rows.Count);
        var sent = 0L;
        while (rows.Read())
        {
            writer.Write(rows.Reader);
            if (buffer.WrittenCount + writer.Pending < writer.FlushBytes)
                continue;
            sent += buffer.WrittenCount + writer.Pending;
            await SendAsync(answer, writer, buffer, cancellationToken);
            if (sent >= Limits.PageBytes)
                rows.EndPage();
        }

        var next = rows.Next is { } position
            ? new RowCursor(rows.Table.Snapshot.Version, rows.Table.Snapshot.TableId, position).Write(answer.Request.Text.ToString())
            : null;
        writer.End(next is null ? null : NextLink(answer, next), next);
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
            SetHeaders(response, answer.Rows.Table.Snapshot, answer.ETag);
            if (answer is { Rows.Count: { } count, Request.Format: not RowFormat.Json })
                response.Headers["Data-Count"] = count.ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(buffer.WrittenMemory, cancellationToken);
        buffer.ResetWrittenCount();
    }

    private string NextLink(Answer answer, string next)
    {
        var request = answer.Context.Request;
        var text = answer.Request.Text;
        var pairs = new List<KeyValuePair<string, string?>>
        {
            new("apply", text.Apply), new("compute", text.Compute), new("select", text.Select), new("filter", text.Filter), new("orderby", text.OrderBy), new("count", text.Count),
            new("top", text.Top), new("skip", text.Skip), new("format", request.Query["format"]), new("after", next),
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

    private static bool Matches(IHeaderDictionary headers, string etag) =>
        headers.IfNoneMatch is { Count: > 0 } given
        && EntityTagHeaderValue.TryParseList(given, out var tags)
        && tags.Any(tag => tag.Tag == "*" || tag.Compare(EntityTagHeaderValue.Parse(etag), useStrongComparison: false));

    private sealed record Answer(HttpContext Context, TableRows Rows, string ETag, RowRequest Request);
}
