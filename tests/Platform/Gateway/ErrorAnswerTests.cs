using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Platform.Tests.Gateway;

public sealed class ErrorAnswerTests
{
    [Theory]
    [InlineData(FailureKind.Invalid, 400)]
    [InlineData(FailureKind.Unauthenticated, 401)]
    [InlineData(FailureKind.Forbidden, 403)]
    [InlineData(FailureKind.NotFound, 404)]
    [InlineData(FailureKind.MethodNotAllowed, 405)]
    [InlineData(FailureKind.NotAcceptable, 406)]
    [InlineData(FailureKind.Conflict, 409)]
    [InlineData(FailureKind.Gone, 410)]
    [InlineData(FailureKind.PreconditionFailed, 412)]
    [InlineData(FailureKind.TooLarge, 413)]
    [InlineData(FailureKind.UnsupportedMediaType, 415)]
    [InlineData(FailureKind.Unprocessable, 422)]
    [InlineData(FailureKind.NotImplemented, 501)]
    [InlineData(FailureKind.Internal, 500)]
    public void Each_kind_of_failure_has_its_status(FailureKind kind, int status) =>
        Assert.Equal(status, ErrorAnswer.Of(new TerminalException(kind, "Code", "message"), "id").Status);

    [Fact]
    public void Every_kind_of_failure_was_thought_of() =>
        Assert.Equal([FailureKind.Internal], Enum.GetValues<FailureKind>().Where(kind => ErrorAnswer.StatusOf(kind) == 500));

    [Fact]
    public async Task The_document_has_the_one_shape()
    {
        var exception = new TerminalException(FailureKind.Invalid, "InvalidDefinition", "Two \"mistakes\".", "$.a", [new("A", "first", "$.a"), new("B", "second")]);
        var http = await WriteAsync(exception);

        Assert.Equal(400, http.Response.StatusCode);
        Assert.Equal("application/json; charset=utf-8", http.Response.ContentType);
        Assert.Equal("InvalidDefinition", http.Response.Headers["x-ms-error-code"]);
        Assert.Equal("req-1", http.Response.Headers["x-ms-request-id"]);
        Assert.Equal(
            """{"error":{"code":"InvalidDefinition","message":"Two \"mistakes\".","target":"$.a","details":[{"code":"A","message":"first","target":"$.a"},{"code":"B","message":"second"}],"innererror":{"requestId":"req-1"}}}""",
            Body(http));
    }

    [Fact]
    public async Task A_rejected_batch_tells_its_receipt()
    {
        var http = await WriteAsync(new TerminalException(FailureKind.Invalid, "UnreadableFile", "m") { Receipt = "/api/v1/receipts/x-1" });
        Assert.EndsWith("""
            "innererror":{"requestId":"req-1","receipt":"/api/v1/receipts/x-1"}}}
            """, Body(http), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_defect_tells_nothing_but_the_request_id()
    {
        var http = await WriteAsync(new InvalidOperationException("password=secret"));

        Assert.Equal(500, http.Response.StatusCode);
        Assert.Equal("InternalError", http.Response.Headers["x-ms-error-code"]);
        Assert.DoesNotContain("secret", Body(http), StringComparison.Ordinal);
        Assert.Contains("req-1", JsonDocument.Parse(Body(http)).RootElement.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_internal_terminal_failure_keeps_its_code_and_hides_its_message()
    {
        var error = ErrorAnswer.Of(new TerminalException(FailureKind.Internal, "CatalogDamaged", "secret"), "id").Document.Error;

        Assert.Equal("CatalogDamaged", error.Code);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transient_failure_is_503_with_whole_seconds_to_wait()
    {
        var http = await WriteAsync(new TransientException("Storage does not answer.") { RetryAfter = TimeSpan.FromSeconds(2.2) });

        Assert.Equal((503, "3"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
        Assert.Equal("TemporarilyUnavailable", http.Response.Headers["x-ms-error-code"]);
    }

    [Fact]
    public async Task Work_in_progress_says_when_to_ask_again()
    {
        var http = await WriteAsync(new TerminalException(FailureKind.Conflict, "InProgress", "m") { RetryAfter = TimeSpan.FromMilliseconds(10) });
        Assert.Equal((409, "1"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
    }

    [Fact]
    public async Task Missing_credentials_are_challenged_and_a_wrong_method_hears_the_right_ones()
    {
        var denied = await WriteAsync(new TerminalException(FailureKind.Unauthenticated, "Unauthenticated", "m"));
        Assert.StartsWith("Basic realm=", denied.Response.Headers.WWWAuthenticate.ToString(), StringComparison.Ordinal);

        var wrong = await WriteAsync(new MethodNotAllowedException("PATCH", "/x", ["GET", "PUT"]));
        Assert.Equal((405, "GET, PUT"), (wrong.Response.StatusCode, wrong.Response.Headers.Allow.ToString()));
    }

    [Theory]
    [InlineData(413, "BodyTooLarge")]
    [InlineData(408, "BodyTooSlow")]
    [InlineData(400, "MalformedRequest")]
    public async Task What_the_server_refuses_keeps_its_status(int status, string code)
    {
        var http = await WriteAsync(new BadHttpRequestException("no", status));
        Assert.Equal((status, code), (http.Response.StatusCode, http.Response.Headers["x-ms-error-code"].ToString()));
    }

    [Fact]
    public async Task An_outage_is_one_line_in_the_log_with_its_cause()
    {
        var log = new LineLogger();
        await new ErrorWriter(log).TryWriteAsync(Context(), new TransientException("Storage does not answer.", new IOException("wrapped", new TimeoutException("too slow\nmore"))));

        var (line, exception) = Assert.Single(log.Lines);
        Assert.Null(exception);
        Assert.Contains("503 TemporarilyUnavailable: Storage does not answer. (TimeoutException: too slow)", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_of_the_answer_that_was_not_given_are_dropped()
    {
        var http = Context();
        http.Response.Headers.ETag = "\"1\"";
        await new ErrorWriter(NullLogger<ErrorWriter>.Instance).TryWriteAsync(http, new TransientException("m"));
        Assert.False(http.Response.Headers.ContainsKey("ETag"));
    }

    [Fact]
    public async Task Nothing_is_written_to_a_caller_that_has_gone()
    {
        var http = Context();
        http.RequestAborted = new CancellationToken(canceled: true);
        Assert.True(await new ErrorWriter(NullLogger<ErrorWriter>.Instance).TryWriteAsync(http, new OperationCanceledException()));
        Assert.Equal("", Body(http));
    }

    [Fact]
    public async Task A_cancellation_that_is_not_the_callers_means_the_instance_is_stopping()
    {
        var http = await WriteAsync(new OperationCanceledException());
        Assert.Equal((503, "5"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
    }

    private sealed class LineLogger : ILogger<ErrorWriter>
    {
        public List<(string Line, Exception? Exception)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add((formatter(state, exception), exception));
    }

    private static async Task<HttpContext> WriteAsync(Exception exception)
    {
        var http = Context();
        Assert.True(await new ErrorWriter(NullLogger<ErrorWriter>.Instance).TryWriteAsync(http, exception));
        return http;
    }

    private static DefaultHttpContext Context()
    {
        var http = new DefaultHttpContext();
        http.Request.Headers["x-ms-request-id"] = "req-1";
        http.Response.Body = new MemoryStream();
        return http;
    }

    private static string Body(HttpContext http) => System.Text.Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
}
