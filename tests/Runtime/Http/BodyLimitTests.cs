using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class BodyLimitTests
{
    public sealed class Counter
    {
        public int Invocations { get; set; }
    }

    public sealed class Functions(Counter counter)
    {
        [Function("count")]
        public async Task<IResult> Count([HttpTrigger("post")] HttpRequest request, CancellationToken cancellationToken)
        {
            counter.Invocations++;
            return Results.Text($"{await LengthAsync(request, cancellationToken)}");
        }

        [Function("unlimited")]
        public async Task<IResult> Unlimited([HttpTrigger("post")] HttpRequest request, CancellationToken cancellationToken)
        {
            request.HttpContext.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            return Results.Text($"{await LengthAsync(request, cancellationToken)}");
        }

        private static async Task<long> LengthAsync(HttpRequest request, CancellationToken cancellationToken)
        {
            var buffer = new byte[8192];
            long length = 0;
            for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                length += read;
            }

            return length;
        }
    }

    [Theory]
    [InlineData(50_000, false, HttpStatusCode.OK, "50000", 1)]
    [InlineData(49_900, true, HttpStatusCode.OK, "49900", 1)] // Kestrel counts the chunks' framing too
    [InlineData(60_000, false, HttpStatusCode.InternalServerError, "", 1)] // above the worker's limit
    [InlineData(60_000, true, HttpStatusCode.InternalServerError, "", 1)]
    [InlineData(80_000, false, HttpStatusCode.InternalServerError, "", 0)] // above the host's: the worker is not called
    [InlineData(80_000, true, HttpStatusCode.InternalServerError, "", 1)]
    public async Task A_body_above_a_limit_is_500_without_a_body(int length, bool chunked, HttpStatusCode status, string body, int invocations)
    {
        await using var host = await StartAsync(worker: 50_000, limit: 70_000);
        Assert.Equal((status, body), await host.Http.CallAsync("POST", "/count", Content(length, chunked)));
        Assert.Equal(invocations, host.Get<Counter>().Invocations);
    }

    [Theory]
    [InlineData(69_900, HttpStatusCode.OK, "69900")]
    [InlineData(80_000, HttpStatusCode.InternalServerError, "")]
    public async Task A_function_may_lift_the_workers_limit_but_not_the_hosts(int length, HttpStatusCode status, string body)
    {
        await using var host = await StartAsync(worker: 10, limit: 70_000);
        Assert.Equal((status, body), await host.Http.CallAsync("POST", "/unlimited", Content(length, chunked: true)));
    }

    [Fact]
    public async Task Without_settings_the_limits_are_the_official_ones()
    {
        await using var host = await TestHost.StartAsync([typeof(Functions)], builder => builder.Services.AddSingleton<Counter>());
        Assert.Equal(30_000_000, host.Get<Microsoft.Extensions.Options.IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBodySize);
        Assert.Equal(104_857_600, host.Get<DataPlatform.Local.Runtime.Http.RequestLimit>().Bytes);
    }

    private static Task<TestHost> StartAsync(long worker, long limit) => TestHost.StartAsync(
        [typeof(Functions)],
        builder =>
        {
            builder.Services.AddSingleton<Counter>();
            builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = worker);
        },
        args: ["--FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", $"{limit}"]);

    private static StreamContent Content(int length, bool chunked) => chunked
        ? new StreamContent(new UnseekableStream(new byte[length]))
        : new StreamContent(new MemoryStream(new byte[length]));

    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();
    }
}
