using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Serving.OData;

/// <summary>Answers <c>GET /odata/…</c> as OData 4.0 has it: marts and merged datasets as entity sets, for Power BI, Excel and Tableau.</summary>
public sealed class ODataDoor(EntitySets sets, TableReads reads, MartFreshness freshness, Links links, ILogger<ODataDoor> logger)
{
    /// <summary>The path of the service.</summary>
    public const string Root = "/odata";

    private static readonly QueryLimits Limits = QueryLimits.Default with { MaxTop = int.MaxValue, PageSize = ODataRequestReader.MaxPageSize, PageBytes = 64 << 20 };
    private static readonly QueryParser Parser = new(Limits, "$", EntityShape.KeyName);

    /// <summary>Writes the response. Until its first bytes are sent a failure becomes an error document; after that it aborts the connection.</summary>
    /// <param name="path">What follows <c>/odata/</c>, decoded.</param>
    /// <exception cref="TerminalException">400, 403, 404, 406, 409, 410, 422, 501.</exception>
    public async Task AnswerAsync(HttpContext context, string path, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var request = ODataRequestReader.Read(context.Request, path);
        var service = links.To(context.Request, $"{context.Request.PathBase.ToUriComponent()}{Root}/");
        switch (request.Path.Resource)
        {
            case ODataResource.ServiceDocument:
                await SendServiceAsync(context, request, service, cancellationToken);
                break;
            case ODataResource.Metadata:
                await SendMetadataAsync(context, request, cancellationToken);
                break;
            default:
                await SendDataAsync(context, request, service, started, cancellationToken);
                break;
        }
    }

    private async Task SendServiceAsync(HttpContext context, ODataRequest request, string service, CancellationToken cancellationToken)
    {
        var format = EntityFormat.Choose(request.Format, context.Request.Headers);
        var tables = await sets.ListAsync(Caller.Of(context), cancellationToken);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (format.Level is not MetadataLevel.None)
                json.WriteString("@odata.context"u8, service + "$metadata");
            json.WriteStartArray("value"u8);
            foreach (var name in tables.Select(table => table.Table.Name.Name))
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                json.WriteString("kind"u8, "EntitySet"u8);
                json.WriteString("url"u8, name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await SendDocumentAsync(context, format.ContentType, buffer.WrittenMemory, cancellationToken);
    }

    private async Task SendMetadataAsync(HttpContext context, ODataRequest request, CancellationToken cancellationToken)
    {
        EntityFormat.RequireXml(request.Format);
        await SendDocumentAsync(context, "application/xml", ServiceModel.Write(await sets.ListAsync(Caller.Of(context), cancellationToken)), cancellationToken);
    }

    private static async Task SendDocumentAsync(HttpContext context, string contentType, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var etag = $"W/\"{Convert.ToHexStringLower(SHA256.HashData(body.Span).AsSpan(0, 12))}\"";
        SetHeaders(context, etag);
        if (EntityTags.Has(context.Request, etag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = contentType;
        await SendWholeAsync(context, body, cancellationToken);
    }

    private async Task SendDataAsync(HttpContext context, ODataRequest request, string service, long started, CancellationToken cancellationToken)
    {
        var format = request.Path.Resource is ODataResource.Count
            ? new EntityFormat(MetadataLevel.None, TextNumbers: false)
            : EntityFormat.Choose(request.Format, context.Request.Headers);
        var set = await sets.GetAsync(request.Path.Set!, Caller.Of(context), cancellationToken);
        var pinned = await reads.PinAsync(set.Table, new TableVersionRequest(request.Cursor?.Version), cancellationToken);
        request.Cursor?.Check(pinned);
        var etag = pinned.ETag(
            string.Create(CultureInfo.InvariantCulture, $"odata {request.Path.Resource} {format} {request.PageSize}"), $"{request.Path.Key}\n{context.Request.Query["$skiptoken"]}\n{request.Text}");
        var answer = new Answer(context, request, service, set, pinned, format, etag, await freshness.IsStaleAsync(pinned, cancellationToken), started);
        if (EntityTags.Has(context.Request, etag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            SetHeaders(answer);
            return;
        }

        var shape = EntityShape.Of(pinned);
        var query = shape.Parse(Parser, pinned, request.Text);
        try
        {
            await (request.Path.Resource switch
            {
                ODataResource.Count => SendCountAsync(answer, query, cancellationToken),
                ODataResource.Entity => SendEntityAsync(answer, query, shape, cancellationToken),
                _ => SendRowsAsync(answer, query, shape, cancellationToken),
            });
        }
        catch (Exception exception) when (context.Response.HasStarted)
        {
            if (exception is not OperationCanceledException)
                Log.AnswerCutOff(logger, set.Name, pinned.Snapshot.Version, exception);
            context.Abort();
            throw;
        }
    }

    private async Task SendCountAsync(Answer answer, TableQuery query, CancellationToken cancellationToken)
    {
        var count = await reads.CountAsync(answer.Table, query, filter: null, cancellationToken);
        SetHeaders(answer);
        answer.Context.Response.ContentType = "text/plain; charset=utf-8";
        await SendWholeAsync(answer.Context, Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture)), cancellationToken);
    }

    private async Task SendEntityAsync(Answer answer, TableQuery query, EntityShape shape, CancellationToken cancellationToken)
    {
        var key = new ComparisonExpression(
            ComparisonOperator.Equal, new ColumnExpression(shape.Columns[0]), new LiteralExpression(answer.Request.Path.Key!, ValueKind.String));
        var buffer = new ArrayBufferWriter<byte>();
        await using (var rows = await reads.OpenAsync(answer.Table, query with { Filter = key, Top = 1 }, ReadOptions.All, cancellationToken))
        {
            if (!await Task.Run(rows.Read, cancellationToken))
            {
                throw new TerminalException(
                    FailureKind.NotFound, "EntityNotFound", $"No entity of '{answer.Set.Name}' has this key. Keys are values of {EntityShape.KeyName}; they stay the same as long as the row's key columns do.", "path");
            }

            using var writer = new EntityWriter(rows.Columns, buffer, ContextOf(answer, query, shape), answer.Format);
            writer.WriteEntity(rows.Reader);
        }

        SetHeaders(answer);
        answer.Context.Response.ContentType = answer.Format.ContentType;
        await SendWholeAsync(answer.Context, buffer.WrittenMemory, cancellationToken);
    }

    private async Task SendRowsAsync(Answer answer, TableQuery query, EntityShape shape, CancellationToken cancellationToken)
    {
        var options = new ReadOptions { PageSize = answer.Request.PageSize, After = answer.Request.Cursor?.Position };
        await using var rows = await reads.OpenAsync(answer.Table, query, options, cancellationToken);
        var buffer = new ArrayBufferWriter<byte>(RowSender.BufferBytes);
        using var writer = new EntityWriter(rows.Columns, buffer, ContextOf(answer, query, shape), answer.Format);
        var sender = new RowSender(answer.Context.Response, writer, buffer, Limits.PageBytes)
        {
            Begin = () => Begin(answer),
            Next = position => NextLink(answer, position),
        };

        // Reading blocks while rows are computed.
        await Task.Run(() => sender.SendAsync(rows, cancellationToken), cancellationToken);
    }

    private static EntityContext ContextOf(Answer answer, TableQuery query, EntityShape shape) =>
        EntityContext.Of(answer.Service, answer.Set.Name, answer.Request.Text, query, shape, answer.Request.Path.Resource is ODataResource.Entity);

    private static void Begin(Answer answer)
    {
        var response = answer.Context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = answer.Format.ContentType;
        SetHeaders(answer);
        if (answer.Request.Preferred)
            response.Headers[Preference.AppliedHeader] = string.Create(CultureInfo.InvariantCulture, $"odata.maxpagesize={answer.Request.PageSize}");
    }

    private static (string Link, string Token) NextLink(Answer answer, RowPosition position)
    {
        var snapshot = answer.Table.Snapshot;
        var token = PageToken.Write(new RowCursor(snapshot.Version, snapshot.TableId, position), answer.Request.PageSize, answer.Request.Text.ToString());
        var options = answer.Context.Request.Query
            .Where(pair => pair.Key != "$skiptoken")
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString()))
            .Append(KeyValuePair.Create("$skiptoken", token))
            .Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value)}");
        return ($"{answer.Service}{answer.Set.Name}?{string.Join('&', options)}", token);
    }

    private static void SetHeaders(Answer answer)
    {
        SetHeaders(answer.Context, answer.ETag);
        var headers = answer.Context.Response.Headers;
        answer.Table.SetHeaders(headers, answer.IsStale);
        headers["Server-Timing"] = string.Create(
            CultureInfo.InvariantCulture, $"total;dur={Stopwatch.GetElapsedTime(answer.Started).TotalMilliseconds:0.###}");
    }

    private static void SetHeaders(HttpContext context, string etag)
    {
        var headers = context.Response.Headers;
        headers[ODataVersion.Header] = ODataVersion.Current;
        headers.ETag = etag;
        headers.Vary = "Accept, Accept-Encoding, Prefer";
        headers.CacheControl = "private, no-cache";
        headers.XContentTypeOptions = "nosniff";
    }

    private static async Task SendWholeAsync(HttpContext context, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        context.Response.StatusCode = StatusCodes.Status200OK;
        await using var body = AnswerBody.Open(context.Response, bytes.Length, whole: true);
        await body.WriteAsync(bytes, cancellationToken);
        await body.EndAsync();
    }

    private sealed record Answer(
        HttpContext Context,
        ODataRequest Request,
        string Service,
        EntitySet Set,
        PinnedTable Table,
        EntityFormat Format,
        string ETag,
        bool? IsStale,
        long Started);
}
