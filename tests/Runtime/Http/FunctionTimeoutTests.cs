using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class FunctionTimeoutTests
{
    private const string HostJson = """{"version":"2.0","functionTimeout":"00:02:00","extensions":{"http":{"routePrefix":""}}}""";

    public sealed class Gates
    {
        public TaskCompletionSource Fired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Finish { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    public sealed class Functions(Gates gates, Scoped scoped)
    {
        [Function("deaf")]
        public async Task<IResult> Deaf([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            await using var registration = cancellationToken.Register(gates.Fired.SetResult);
            await gates.Finish.Task;
            gates.Ended.SetResult($"{request.Path} {request.HttpContext.Response.StatusCode} {scoped.IsDisposed}");
            return Results.Text("too late");
        }

        [Function("heeds")]
        public async Task<IResult> Heeds([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // Told to stop.
            }

            return Results.Text("heeded", statusCode: 503);
        }

        [Function("begun")]
        public async Task Begun([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            await request.HttpContext.Response.WriteAsync("begun", cancellationToken);
            await request.HttpContext.Response.Body.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
    }

    [Fact]
    public async Task The_client_gets_500_the_token_fires_and_the_log_says_why()
    {
        var clock = new SignalingClock(DateTimeOffset.UnixEpoch);
        await using var host = await StartAsync(clock);
        var answer = host.Http.GetTextAsync("/deaf");
        await clock.WaitedForAsync(TimeSpan.FromMinutes(2));
        clock.Advance(TimeSpan.FromMinutes(2));
        await host.Get<Gates>().Fired.Task;
        await clock.WaitedForAsync(TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((HttpStatusCode.InternalServerError, ""), await answer);
        Assert.Contains(host.Logs.Entries, e => e.Level == LogLevel.Error && e.Message.StartsWith("Function deaf ran longer than functionTimeout in host.json allows (00:02:00).", StringComparison.Ordinal));

        // The deaf function still has its own request and services.
        Assert.Equal(HttpStatusCode.NotFound, (await host.Http.GetTextAsync("/other")).Status);
        host.Get<Gates>().Finish.SetResult();
        Assert.Equal("/deaf 500 False", await host.Get<Gates>().Ended.Task);
    }

    [Fact]
    public async Task A_function_that_heeds_its_token_may_still_answer()
    {
        var clock = new SignalingClock(DateTimeOffset.UnixEpoch);
        await using var host = await StartAsync(clock);
        var answer = host.Http.GetTextAsync("/heeds");
        await clock.WaitedForAsync(TimeSpan.FromMinutes(2));
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "heeded"), await answer);
        Assert.Contains(host.Logs.Entries, e => e.Level == LogLevel.Error && e.Message.StartsWith("Function heeds ran longer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_response_that_has_begun_is_cut_off()
    {
        var clock = new SignalingClock(DateTimeOffset.UnixEpoch);
        await using var host = await StartAsync(clock);
        using var answer = await host.Http.GetAsync(new Uri("/begun", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await clock.WaitedForAsync(TimeSpan.FromMinutes(2));
        clock.Advance(TimeSpan.FromMinutes(2));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static Task<TestHost> StartAsync(SignalingClock clock) => TestHost.StartAsync(
        [typeof(Functions)],
        builder =>
        {
            builder.Services.AddSingleton<Gates>();
            builder.Services.AddScoped<Scoped>();
            builder.Services.AddSingleton<TimeProvider>(clock);
        },
        HostJson);
}
