using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DataPlatform.App.Tests.Gateway;

/// <summary>The gateway in a real host, before functions that misbehave.</summary>
public sealed class GatewayMiddlewareTests : IAsyncLifetime
{
    private const string Key = "dp_admin_key-of-the-tests";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dataplatform-gateway-");
    private readonly HttpClient _client = new();
    private IHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public sealed class Functions
    {
        [Function("Throws")]
        [ApiRoute(ApiRouteAttribute.Public)]
        public IResult Throws([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "throws")] HttpRequest request) =>
            throw new InvalidOperationException("secret");

        [Function("Transient")]
        [ApiRoute(ApiRouteAttribute.Public)]
        public IResult Transient([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "transient")] HttpRequest request) =>
            throw new TransientException("Storage does not answer.") { RetryAfter = TimeSpan.FromSeconds(7) };

        [Function("FailingAnswer")]
        [ApiRoute(ApiRouteAttribute.Public)]
        public IResult FailingAnswer([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "failing-answer/{bytes}")] HttpRequest request, string bytes) =>
            new Failing(int.Parse(bytes));

        [Function("Mvc")]
        [ApiRoute(ApiRouteAttribute.Public)]
        public IActionResult Mvc([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "mvc")] HttpRequest request) =>
            new ContentResult { Content = "mvc", StatusCode = 299 };

        [Function("Who")]
        [ApiRoute("read:{thing}")]
        public IResult Who([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "who/{thing}")] HttpRequest request, string thing) =>
            new JsonAnswer(200, new { Caller = Caller.Of(request.HttpContext).Id });

        [Function("Body")]
        [ApiRoute(ApiRouteAttribute.Public, Body = RequestBody.Data)]
        public async Task<IResult> Body([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "body")] HttpRequest request, CancellationToken cancellationToken)
        {
            var counter = new MemoryStream();
            await request.Body.CopyToAsync(counter, cancellationToken);
            return new JsonAnswer(200, new { Bytes = counter.Length });
        }
    }

    private sealed class Failing(int bytes) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            if (bytes > 0)
            {
                await httpContext.Response.Body.WriteAsync(new byte[bytes]);
                await httpContext.Response.Body.FlushAsync();
            }

            throw new InvalidOperationException("in the middle");
        }
    }

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "host.json"), """{"version":"2.0","extensions":{"http":{"routePrefix":""}}}""");
        var output = new StringWriter();
        var builder = new FunctionsApplicationBuilder(new RuntimeOptions(["--port", "0"], [typeof(Functions)])
        {
            Root = _folder.FullName,
            HostJsonFolders = [_folder.FullName],
            Output = output,
        });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DataPlatform:AdminKey"] = Key,
            ["DataPlatform:MaxBodyBytes"] = "1000",
            ["DataPlatform:MaxChunkedBodyBytes"] = "50000000",
        });
        builder.ConfigureFunctionsWebApplication();
        builder.UseGateway([typeof(Functions)]);
        builder.Services.AddGateway();
        builder.Logging.ClearProviders();
        _host = builder.Build();
        await _host.StartAsync(Token);
        _client.BaseAddress = new Uri(output.ToString().Split("Listening on ")[1].Trim());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.StopAsync(CancellationToken.None);
        await ((IAsyncDisposable)_host).DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("failing-answer/0")]
    public async Task What_a_function_or_its_answer_throws_becomes_an_error_without_internals(string path)
    {
        using var response = await _client.GetAsync(path, Token);
        var text = await response.Content.ReadAsStringAsync(Token);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("InternalError", JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("code").GetString());
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("middle", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_fails_after_its_first_byte_is_cut_off() =>
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => _client.GetByteArrayAsync("failing-answer/10000", Token));

    [Fact]
    public async Task A_transient_failure_says_when_to_try_again()
    {
        using var response = await _client.GetAsync("transient", Token);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(7)), (response.StatusCode, response.Headers.RetryAfter!.Delta));
    }

    [Fact]
    public async Task Mvc_results_are_written_too()
    {
        using var response = await _client.GetAsync("mvc", Token);
        Assert.Equal((299, "mvc"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task The_function_hears_who_calls_and_the_request_keeps_its_id()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "who/x");
        request.Headers.Add("x-api-key", Key);
        request.Headers.Add("x-ms-request-id", "mine-1");
        using var response = await _client.SendAsync(request, Token);

        Assert.Equal("""{"caller":"admin"}""", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("mine-1", Assert.Single(response.Headers.GetValues("x-ms-request-id")));
    }

    [Theory]
    [InlineData(false, 1000, HttpStatusCode.OK)]
    [InlineData(false, 1001, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(true, 40_000_000, HttpStatusCode.OK)]
    [InlineData(true, 50_000_001, HttpStatusCode.RequestEntityTooLarge)]
    public async Task Bodies_have_our_limits_and_not_the_servers(bool chunked, int bytes, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "body") { Content = new StreamContent(new MemoryStream(new byte[bytes])) };
        request.Headers.TransferEncodingChunked = chunked;
        using var response = await _client.SendAsync(request, Token);

        Assert.Equal(status, response.StatusCode);
        if (status != HttpStatusCode.OK)
            Assert.Equal("BodyTooLarge", Assert.Single(response.Headers.GetValues("x-ms-error-code")));
    }
}
