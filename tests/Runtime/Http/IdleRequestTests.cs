using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Tests.Http;

public sealed class IdleRequestTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);

    public sealed class Gates
    {
        public TaskCompletionSource Fired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SemaphoreSlim Read { get; } = new(0);

        public TaskCompletionSource Finish { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class Functions(Gates gates)
    {
        [Function("silent")]
        public async Task Silent([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            await using var registration = cancellationToken.Register(gates.Fired.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        [Function("reads")]
        public async Task<IResult> Reads([HttpTrigger("post")] HttpRequest request, CancellationToken cancellationToken)
        {
            var one = new byte[1];
            while (await request.Body.ReadAsync(one, cancellationToken) > 0)
            {
                gates.Read.Release();
            }

            return Results.Text("read");
        }

        [Function("begun")]
        public async Task Begun([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            await request.HttpContext.Response.WriteAsync("begun", cancellationToken);
            await request.HttpContext.Response.Body.FlushAsync(cancellationToken);
            gates.Read.Release();
            await gates.Finish.Task.WaitAsync(cancellationToken);
            await request.HttpContext.Response.WriteAsync(" and ended", cancellationToken);
        }
    }

    [Fact]
    public async Task Four_minutes_without_a_byte_end_a_request()
    {
        var clock = new SignalingClock(DateTimeOffset.UnixEpoch);
        await using var host = await StartAsync(clock);
        var answer = host.Http.GetTextAsync("/silent");
        await clock.WaitedForAsync(Limit);
        clock.Advance(Limit);
        Assert.Equal((HttpStatusCode.InternalServerError, ""), await answer);
        await host.Get<Gates>().Fired.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Contains(host.Logs.Entries, e => e.Message.StartsWith("Function silent was silent for 00:04:00", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_upload_is_not_silent()
    {
        var clock = new SignalingClock(DateTimeOffset.UnixEpoch);
        await using var host = await StartAsync(clock);
        await using var raw = await RawHttp.ConnectAsync(host.Address);
        await raw.SendAsync("POST /reads HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\n");
        await clock.WaitedForAsync(Limit);
        for (var i = 0; i < 4; i++)
        {
            clock.Advance(Limit - TimeSpan.FromSeconds(10));
            await raw.SendAsync("x");
            await host.Get<Gates>().Read.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        Assert.StartsWith("HTTP/1.1 200 OK", await raw.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_has_begun_may_pause()
    {
        var clock = new SignalingClock(DateTimeOffset.UnixEpoch);
        await using var host = await StartAsync(clock);
        var answer = host.Http.GetTextAsync("/begun");
        await host.Get<Gates>().Read.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        clock.Advance(2 * Limit);
        host.Get<Gates>().Finish.SetResult();
        Assert.Equal("begun and ended", (await answer).Body);
    }

    private static Task<TestHost> StartAsync(SignalingClock clock) => TestHost.StartAsync(
        [typeof(Functions)],
        builder =>
        {
            builder.Services.AddSingleton<Gates>();
            builder.Services.AddSingleton<TimeProvider>(clock);
        });
}
