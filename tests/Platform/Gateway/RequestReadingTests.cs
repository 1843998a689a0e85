using System.Text;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Platform.Tests.Gateway;

/// <summary>What the gateway reads from requests: ids, sizes, documents, preconditions, query options.</summary>
public sealed class RequestReadingTests
{
    [Theory]
    [InlineData("abc-1_2.3", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a\nb", false)]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345", false)]
    public void A_callers_request_id_is_taken_when_it_is_a_plain_token(string given, bool taken)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers["x-ms-request-id"] = given;

        Assert.Equal(taken, RequestId.Of(http) == given);
        Assert.Equal(RequestId.Of(http), RequestId.Of(http));
    }

    [Theory]
    [InlineData(RequestBody.Data, 10, null)]
    [InlineData(RequestBody.Data, 11, "Transfer-Encoding: chunked (up to 20 bytes)")]
    [InlineData(RequestBody.Document, 1 << 20, null)]
    [InlineData(RequestBody.Document, (1 << 20) + 1, "of a document")]
    [InlineData(RequestBody.None, 1 << 30, null)]
    public void A_declared_length_over_the_limit_is_refused_at_once(RequestBody body, long length, string? message)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentLength = length;
        if (message is null)
            Limits().Apply(request, body);
        else
            Assert.Contains(message, TooLarge(() => Limits().Apply(request, body)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, false)]
    [InlineData(21, true)]
    public async Task A_chunked_body_is_counted_while_it_is_read(int bytes, bool tooLarge)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(new byte[bytes]);
        Limits().Apply(request, RequestBody.Data);

        if (tooLarge)
            Assert.Equal("BodyTooLarge", (await Assert.ThrowsAsync<TerminalException>(() => request.Body.CopyToAsync(Stream.Null))).Code);
        else
            await request.Body.CopyToAsync(Stream.Null);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("application/json", null, null)]
    [InlineData("application/json; charset=utf-8", "identity", null)]
    [InlineData("application/merge-patch+json", null, null)]
    [InlineData("text/csv", null, "UnsupportedMediaType")]
    [InlineData("application/json; charset=utf-16", null, "UnsupportedMediaType")]
    [InlineData("nonsense", null, "UnsupportedMediaType")]
    [InlineData("application/json", "gzip", "UnsupportedEncoding")]
    public async Task Documents_are_json(string? type, string? encoding, string? code)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(Encoding.UTF8.GetBytes("{}"));
        request.ContentType = type;
        if (encoding is not null)
            request.Headers.ContentEncoding = encoding;

        if (code is null)
            Assert.Equal("{}", Encoding.UTF8.GetString((await DocumentReader.ReadAsync(request, CancellationToken.None)).Span));
        else
            Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => DocumentReader.ReadAsync(request, CancellationToken.None))).Code);
    }

    [Theory]
    [InlineData(0, "EmptyBody")]
    [InlineData((1 << 20) + 1, "BodyTooLarge")]
    public async Task Documents_have_a_size(int bytes, string code)
    {
        var request = new DefaultHttpContext().Request;
        request.Body = new MemoryStream(new byte[bytes]);
        Assert.Equal(code, (await Assert.ThrowsAsync<TerminalException>(() => DocumentReader.ReadAsync(request, CancellationToken.None))).Code);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    public async Task A_document_may_be_left_out_where_it_need_not_be(long? length)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentLength = length;
        Assert.True((await DocumentReader.ReadOptionalAsync(request, CancellationToken.None)).IsEmpty);
    }

    [Fact]
    public void Preconditions_are_read()
    {
        Assert.Equal(PutCondition.None, Preconditions.Read(With(null, null)));
        Assert.Equal(PutCondition.IfAbsent, Preconditions.Read(With(null, "*")));
        Assert.Equal(PutCondition.IfMatch("3"), Preconditions.Read(With("\"3\"", null)));
        Assert.Equal("3", Preconditions.ReadETag(With("\"3\"", null)));
        Assert.Null(Preconditions.ReadETag(With(null, null)));
    }

    [Theory]
    [InlineData("3", null)]
    [InlineData("*", null)]
    [InlineData("W/\"3\"", null)]
    [InlineData("\"3\", \"4\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"3\"", "*")]
    [InlineData(null, "\"3\"")]
    public void Preconditions_that_writes_cannot_keep_are_refused(string? match, string? noneMatch) =>
        Assert.Equal("InvalidPrecondition", Assert.Throws<TerminalException>(() => Preconditions.Read(With(match, noneMatch))).Code);

    [Theory]
    [InlineData("", null)]
    [InlineData("?top=5", null)]
    [InlineData("?top=0", "InvalidQueryOption")]
    [InlineData("?top=-1", "InvalidQueryOption")]
    [InlineData("?top=", "InvalidQueryOption")]
    [InlineData("?top=1&top=2", "DuplicateQueryOption")]
    [InlineData("?Top=1", "UnknownQueryOption")]
    [InlineData("?skip=1", "UnknownQueryOption")]
    public void Query_options_are_read_strictly(string query, string? code)
    {
        var request = new DefaultHttpContext().Request;
        request.QueryString = new QueryString(query);
        if (code is null)
            Assert.Equal(query.Length == 0 ? null : 5, new QueryOptions(request, "top").Number("top", 1, 10));
        else
            Assert.Equal(code, Assert.Throws<TerminalException>(() => new QueryOptions(request, "top").Number("top", 1, 10)).Code);
    }

    [Theory]
    [InlineData("", "http://localhost:7071/api/v1/datasets?top=1&after=a-b")]
    [InlineData("https://data.example.com/", "https://data.example.com/api/v1/datasets?top=1&after=a-b")]
    public void Links_lead_to_the_public_address(string publicUrl, string expected)
    {
        var request = new DefaultHttpContext().Request;
        (request.Scheme, request.Host, request.Path, request.QueryString) = ("http", new("localhost:7071"), "/api/v1/datasets", new("?top=1&after=x"));

        Assert.Equal(expected, new Links(Options.Create(new PlatformOptions { PublicUrl = publicUrl })).Next(request, "after", "a-b"));
    }

    private static HttpRequest With(string? match, string? noneMatch)
    {
        var request = new DefaultHttpContext().Request;
        if (match is not null)
            request.Headers.IfMatch = match;
        if (noneMatch is not null)
            request.Headers.IfNoneMatch = noneMatch;
        return request;
    }

    [Fact]
    public void The_default_limit_answers_before_the_official_host_cuts_the_body_off() =>
        Assert.InRange(new PlatformOptions().MaxChunkedBodyBytes, 1, 104_857_600 - (4 << 20));

    private static BodyLimits Limits() => new(Options.Create(new PlatformOptions { MaxBodyBytes = 10, MaxChunkedBodyBytes = 20 }));

    private static TerminalException TooLarge(Action action)
    {
        var exception = Assert.Throws<TerminalException>(action);
        Assert.Equal((FailureKind.TooLarge, "BodyTooLarge"), (exception.Kind, exception.Code));
        return exception;
    }
}
