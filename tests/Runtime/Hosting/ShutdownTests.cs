using System.Net;
using DataPlatform.Local.Runtime.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests.Hosting;

public sealed class ShutdownTests
{
    public sealed class Gates
    {
        public TaskCompletionSource Running { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Finish { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public sealed class Functions(Gates gates)
    {
        [Function("waits")]
        public async Task<IResult> Waits([HttpTrigger("get")] HttpRequest request, CancellationToken cancellationToken)
        {
            gates.Running.SetResult();
            try
            {
                await gates.Finish.Task.WaitAsync(cancellationToken);
                return Results.Text("finished");
            }
            catch (OperationCanceledException)
            {
                return Results.Text("asked to stop", statusCode: 503);
            }
        }
    }

    [Fact]
    public async Task A_running_request_finishes()
    {
        await using var host = await TestHost.StartAsync([typeof(Functions)], builder => builder.Services.AddSingleton<Gates>());
        var answer = host.Http.GetTextAsync("/waits");
        await host.Get<Gates>().Running.Task;
        var stopped = host.Host.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(host.Get<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        host.Get<Gates>().Finish.SetResult();
        Assert.Equal((HttpStatusCode.OK, "finished"), await answer);
        await stopped;
    }

    [Fact]
    public async Task The_token_fires_when_the_grace_is_over()
    {
        var clock = new FakeTimeProvider();
        await using var host = await TestHost.StartAsync(
            [typeof(Functions)],
            builder =>
            {
                builder.Services.AddSingleton<Gates>();
                builder.Services.AddSingleton<TimeProvider>(clock);
            });
        var answer = host.Http.GetTextAsync("/waits");
        await host.Get<Gates>().Running.Task;
        var stopped = host.Host.StopAsync(TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(answer.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "asked to stop"), await answer);
        await stopped;
    }

    [Fact]
    public void Only_the_second_interrupt_ends_the_process_at_once()
    {
        var codes = new List<int>();
        var errors = new StringWriter();
        using var interrupt = new SecondInterrupt(new RuntimeOptions([], []) { Root = "/", HostJsonFolders = [], Errors = errors, Exit = codes.Add });
        interrupt.OnInterrupt();
        Assert.Empty(codes);
        interrupt.OnInterrupt();
        interrupt.OnInterrupt();
        Assert.Equal([130], codes);
        Assert.Equal("Interrupted again: stopped without waiting for what is running." + Environment.NewLine, errors.ToString());
    }
}
