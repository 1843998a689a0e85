using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.App.Gateway;
using DataPlatform.Gateway;
using Microsoft.AspNetCore.Routing.Template;

namespace DataPlatform.App.Tests.Gateway;

/// <summary>Every route, asked badly, answers with the one error shape.</summary>
public sealed class ErrorShapeTests(AppHostFixture app) : IClassFixture<AppHostFixture>
{
    public static TheoryData<string, string, string, RequestBody> Routes()
    {
        var data = new TheoryData<string, string, string, RequestBody>();
        foreach (var route in new ApiRoutes(typeof(ApiRoutes).Assembly.GetExportedTypes()).All.Where(route => !route.IsCatchAll && !IsPage(route)))
        {
            foreach (var method in route.Methods)
                data.Add(route.Function, method, Path(route.Template), route.Declaration.Body);
        }

        return data;
    }

    /// <summary>Pages hold no data: <see cref="Serving.PageRoutesTests"/>.</summary>
    private static bool IsPage(ApiRoute route) => route.Function.StartsWith("Page", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Without_a_key(string function, string method, string path, RequestBody body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var client = new HttpClient { BaseAddress = app.Client.BaseAddress };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        if (function is "HealthLive" or "HealthReady")
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        else
            await CheckAsync(response, HttpStatusCode.Unauthorized, "Unauthenticated");
        _ = body;
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task With_a_query_option_that_does_not_exist_or_a_thing_that_does_not(string function, string method, string path, RequestBody body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path + "?no-such-option=1");
        if (body != RequestBody.None)
            request.Content = new StringContent("\u0001 not what is read here", Encoding.UTF8, "application/x-nothing");
        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        if (function is "HealthLive" or "HealthReady")
            return;
        if (function is "ODataBatch")
            Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
        else
            Assert.InRange((int)response.StatusCode, 400, 499);
        await CheckAsync(response, response.StatusCode, null);
    }

    [Theory]
    [InlineData("POST", "/", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound, "AddressNotFound")]
    [InlineData("GET", "/assets/x/nothing.js", HttpStatusCode.NotFound, "AddressNotFound")]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound, "AddressNotFound")]
    [InlineData("PATCH", "/api/v1/datasets/flights", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData("FOO", "/health/live", HttpStatusCode.MethodNotAllowed, "MethodNotAllowed")]
    [InlineData("GET", "/api/v1/datasets/flights", HttpStatusCode.NotFound, "DatasetNotFound")]
    [InlineData("GET", "/api/v1/datasets/..%2f..%2fx", HttpStatusCode.NotFound, "DatasetNotFound")]
    [InlineData("GET", "/api/v1/pipelines/flights", HttpStatusCode.NotFound, "PipelineNotFound")]
    [InlineData("GET", "/api/v1/marts/flights", HttpStatusCode.NotFound, "MartNotFound")]
    public async Task Addresses_and_methods_that_do_not_exist(string method, string path, HttpStatusCode status, string code)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await CheckAsync(response, status, code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_document_over_the_limit(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/datasets/large") { Content = new ByteArrayContent(new byte[3 << 20]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await CheckAsync(response, HttpStatusCode.RequestEntityTooLarge, "BodyTooLarge");
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("k", 256)]
    public async Task An_idempotency_key_that_is_none(string text, int times)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/ingest/any/batches") { Content = new StringContent("id\n1\n", Encoding.UTF8, "text/csv") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", string.Concat(Enumerable.Repeat(text, times)));
        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await CheckAsync(response, HttpStatusCode.BadRequest, "InvalidIdempotencyKey");
    }

    [Fact]
    public async Task Options_tells_the_methods()
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/datasets");
        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(["GET", "OPTIONS"], response.Content.Headers.Allow);
    }

    private static async Task CheckAsync(HttpResponseMessage response, HttpStatusCode status, string? code)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        if (response.RequestMessage!.Method == HttpMethod.Head)
        {
            Assert.Equal(code ?? "", code is null ? "" : Assert.Single(response.Headers.GetValues("x-ms-error-code")));
            Assert.Empty(text);
            return;
        }

        using var document = JsonDocument.Parse(text);
        var error = document.RootElement.GetProperty("error");
        Assert.Equal(["error"], document.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Empty(error.EnumerateObject().Select(member => member.Name).Except(["code", "message", "target", "details", "innererror"]));
        Assert.Equal(error.GetProperty("code").GetString(), Assert.Single(response.Headers.GetValues("x-ms-error-code")));
        Assert.Equal(code ?? error.GetProperty("code").GetString(), error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.Equal(error.GetProperty("innererror").GetProperty("requestId").GetString(), Assert.Single(response.Headers.GetValues("x-ms-request-id")));
    }

    /// <summary>An address of the template: parameters take a name that nothing has.</summary>
    private static string Path(RouteTemplate template) =>
        "/" + string.Join('/', template.Segments.Select(segment => segment.Parts is [{ IsLiteral: true } part] ? part.Text : "nothing_of_this_name"));
}
