using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving;

/// <summary>Answers <c>GET …/rows</c>: one query over one version of one table, streamed.</summary>
public sealed class RowsDoor(
    TableReads reads, TableExports exports, MartFreshness freshness, IOptions<PlatformOptions> options, ILogger<RowsDoor> logger)
{
    private static readonly QueryLimits Limits = QueryLimits.Default;
    private static readonly QueryParser Parser = new(Limits);

    /// <summary>Writes the response. Until its first bytes are sent nothing of it is set, so that a failure becomes an error document;
    /// a failure after that aborts the connection, since cut-off data must not look complete.</summary>
    /// <exception cref="TerminalException">400, 404, 406, 409, 410, 422, 501.</exception>
    public async Task AnswerAsync(HttpContext context, ServedTable table, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var request = RowRequestReader.Read(context.Request);
        var pinned = await reads.PinAsync(table, request.Version, cancellationToken);
        request.Cursor?.Check(pinned);
        var etag = pinned.ETag(
            $"rows {request.Format}", $"{request.Version.Version}\n{request.Version.Timestamp:O}\n{context.Request.Query["after"]}\n{request.Text}");
        var answer = new Answer(context, pinned, etag, request, await freshness.IsStaleAsync(pinned, cancellationToken), started);
        if (EntityTags.Has(context.Request, etag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            SetHeaders(answer);
            return;
        }

        var query = pinned.Parse(Parser, request.Text);
        try
        {
            if (request.Format is RowFormat.Parquet)
                await SendFileAsync(answer, query, cancellationToken);
            else
                await SendRowsAsync(answer, query, cancellationToken);
        }
        catch (Exception exception) when (context.Response.HasStarted)
        {
            if (exception is not OperationCanceledException)
                Log.AnswerCutOff(logger, table.Name.Name, pinned.Snapshot.Version, exception);
            context.Abort();
            throw;
        }
    }

    private async Task SendRowsAsync(Answer answer, TableQuery query, CancellationToken cancellationToken)
    {
        // Only JSON has a place for a link to the next page; a cut-off CSV would look complete.
        var page = answer.Request.Format is not RowFormat.Json ? (int?)null : query.Top is null ? Limits.PageSize : Limits.MaxTop;
        await using var rows = await reads.OpenAsync(
            answer.Table, query, new ReadOptions { PageSize = page, After = answer.Request.Cursor?.Position }, cancellationToken);

        // Reading blocks while rows are computed.
        await Task.Run(() => WriteAsync(answer, rows, cancellationToken), cancellationToken);
    }

    private async Task WriteAsync(Answer answer, TableRows rows, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(RowSender.BufferBytes);
        var writer = RowWriter.Create(answer.Request.Format, rows.Columns, buffer);
        using var disposable = writer as IDisposable;
        var sender = new RowSender(answer.Context.Response, writer, buffer, Limits.PageBytes)
        {
            Begin = () => Begin(answer, answer.Request.Format is RowFormat.Json ? null : rows.Count),
            Next = position =>
            {
                var snapshot = rows.Table.Snapshot;
                var next = new RowCursor(snapshot.Version, snapshot.TableId, position).Write(answer.Request.Text.ToString());
                return (NextLink(answer, next), next);
            },
        };
        await sender.SendAsync(rows, cancellationToken);
    }

    private async Task SendFileAsync(Answer answer, TableQuery query, CancellationToken cancellationToken)
    {
        var (file, count) = await exports.ParquetAsync(answer.Table, query, filter: null, cancellationToken);
        await using (file)
        {
            Begin(answer, count);
            answer.Context.Response.ContentLength = file.Length;
            await file.CopyToAsync(answer.Context.Response.Body, cancellationToken);
        }
    }

    private static void Begin(Answer answer, long? count)
    {
        var response = answer.Context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = RowFormats.ContentType(answer.Request.Format);
        SetHeaders(answer);
        if (count is { } rows)
            response.Headers["Data-Count"] = rows.ToString(CultureInfo.InvariantCulture);
    }

    private string NextLink(Answer answer, string next)
    {
        var request = answer.Context.Request;
        var text = answer.Request.Text;
        var pairs = new List<KeyValuePair<string, string?>>
        {
            new("apply", text.Apply), new("compute", text.Compute), new("select", text.Select), new("filter", text.Filter), new("orderby", text.OrderBy),
            new("count", text.Count), new("top", text.Top), new("skip", text.Skip), new("format", request.Query["format"]), new("after", next),
        };
        var site = options.Value.PublicUrl is { Length: > 0 } url ? url.TrimEnd('/') : $"{request.Scheme}://{request.Host.ToUriComponent()}";
        return site + request.PathBase.ToUriComponent() + request.Path.ToUriComponent() + QueryString.Create(pairs.Where(pair => pair.Value is not null));
    }

    private static void SetHeaders(Answer answer)
    {
        var headers = answer.Context.Response.Headers;
        headers.ETag = answer.ETag;
        headers.Vary = "Accept, Accept-Encoding";
        headers.CacheControl = "private, no-cache";
        answer.Table.SetHeaders(headers, answer.IsStale);
        headers["Server-Timing"] = string.Create(
            CultureInfo.InvariantCulture, $"total;dur={Stopwatch.GetElapsedTime(answer.Started).TotalMilliseconds:0.###}");
    }

    private sealed record Answer(HttpContext Context, PinnedTable Table, string ETag, RowRequest Request, bool? IsStale, long Started);
}
