using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class ResultTests
{
    public sealed class Gates
    {
        public TaskCompletionSource FirstRead { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Running { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Canceled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class Scoped : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    public sealed class Functions(Gates gates, Scoped scoped)
    {
        private static readonly byte[] First = "first"u8.ToArray();

        [Function("action")]
        public Task<IActionResult> Action([HttpTrigger("get")] HttpRequest request) =>
            Task.FromResult<IActionResult>(new ObjectResult(new { Answer = 42 }) { StatusCode = 202 });

        [Function("result")]
        public ValueTask<IResult> Result([HttpTrigger("get")] HttpRequest request) => ValueTask.FromResult(Results.Text("text", statusCode: 201));

        [Function("written")]
        public async Task Written([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            request.HttpContext.Response.StatusCode = 418;
            await request.HttpContext.Response.WriteAsync("written", cancellationToken);
        }

        [Function("status_only")]
        public void StatusOnly([HttpTrigger("get")] HttpRequest request) => request.HttpContext.Response.StatusCode = 204;

        [Function("throws")]
        public IActionResult Throws([HttpTrigger("get")] HttpRequest request)
        {
            request.HttpContext.Response.Headers["x-early"] = "1";
            throw new InvalidOperationException("secret");
        }

        [Function("throws_late")]
        public async Task ThrowsLate([HttpTrigger("get")] HttpRequest request)
        {
            await request.HttpContext.Response.BodyWriter.WriteAsync(First);
            await request.HttpContext.Response.BodyWriter.FlushAsync();
            throw new InvalidOperationException("late");
        }

        [Function("streams")]
        public async Task Streams([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            await request.HttpContext.Response.Body.WriteAsync(First, cancellationToken);
            await request.HttpContext.Response.Body.FlushAsync(cancellationToken);
            await gates.FirstRead.Task.WaitAsync(cancellationToken);
            await request.HttpContext.Response.WriteAsync(" last", cancellationToken);
        }

        [Function("waits")]
        public async Task Waits([HttpTrigger("get")] HttpRequest request, FunctionContext context, CancellationToken cancellationToken)
        {
            Assert.Equal(context.CancellationToken, cancellationToken);
            gates.Running.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                gates.Canceled.SetResult();
            }
        }

        [Function("scope")]
        public IResult Scope([HttpTrigger("get")] HttpRequest request, FunctionContext context) => Results.Text(
            $"{ReferenceEquals(scoped, request.HttpContext.RequestServices.GetRequiredService<Scoped>())} " +
            $"{ReferenceEquals(scoped, context.InstanceServices.GetRequiredService<Scoped>())} {scoped.Disposed} " +
            $"{ReferenceEquals(context.GetHttpContext(), request.HttpContext)} {context.FunctionDefinition.Name} " +
            $"{context.FunctionDefinition.InputBindings["request"].Type}");

        [Function("headers")]
        public IResult Headers([HttpTrigger("get")] HttpRequest request) => Results.Text(
            string.Join(',', request.Headers.Keys.Where(k => k.StartsWith("X-", StringComparison.OrdinalIgnoreCase)).Order()));

        [Function("static_one")]
        public static IResult StaticOne([HttpTrigger("get")] HttpRequest request) => Results.Text("static");
    }

    [Theory]
    [InlineData("/action", 202, """{"answer":42}""")]
    [InlineData("/result", 201, "text")]
    [InlineData("/written", 418, "written")]
    [InlineData("/status_only", 204, "")]
    [InlineData("/static_one", 200, "static")]
    [InlineData("/scope", 200, "True True False True scope httpTrigger")]
    public async Task Results_become_responses(string target, int status, string body)
    {
        await using var host = await StartAsync();
        Assert.Equal(((HttpStatusCode)status, body), await host.Http.GetTextAsync(target));
    }

    [Fact]
    public async Task An_exception_is_500_without_a_body_and_is_logged()
    {
        await using var host = await StartAsync();
        using var response = await host.Http.GetAsync(new Uri("/throws", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.True(response.Headers.Contains("x-early"));
        Assert.Contains(host.Logs.Entries, e => e.Level == LogLevel.Error && e.Message == "GET /throws failed.");
    }

    [Fact]
    public async Task An_exception_after_the_first_byte_aborts_the_connection()
    {
        await using var host = await StartAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => host.Http.GetStringAsync(new Uri("/throws_late", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_flushed_part_arrives_before_the_end()
    {
        await using var host = await StartAsync();
        using var response = await host.Http.GetAsync(new Uri("/streams", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var part = new byte[5];
        await body.ReadExactlyAsync(part, TestContext.Current.CancellationToken);
        Assert.Equal("first", Encoding.ASCII.GetString(part));
        host.Get<Gates>().FirstRead.SetResult();
        using var reader = new StreamReader(body);
        Assert.Equal(" last", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_token_fires_when_the_client_goes_away()
    {
        await using var host = await StartAsync();
        await using (var raw = await RawHttp.ConnectAsync(host.Address))
        {
            await raw.SendAsync("GET /waits HTTP/1.1\r\nHost: localhost\r\n\r\n");
            await host.Get<Gates>().Running.Task.WaitAsync(TestContext.Current.CancellationToken);
        }

        await host.Get<Gates>().Canceled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Forwarded_headers_of_a_client_vanish()
    {
        await using var host = await StartAsync();
        host.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "1.2.3.4");
        host.Http.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil");
        host.Http.DefaultRequestHeaders.Add("X-Other", "kept");
        Assert.Equal("X-Other", (await host.Http.GetTextAsync("/headers")).Body);
    }

    private static Task<TestHost> StartAsync() => TestHost.StartAsync([typeof(Functions)], builder =>
    {
        builder.Services.AddSingleton<Gates>();
        builder.Services.AddScoped<Scoped>();
    });
}
