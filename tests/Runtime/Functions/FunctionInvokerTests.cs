using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DataPlatform.Local.Runtime.Tests.Functions;

/// <summary>The seam that the other triggers use: any function, a trigger value, a result.</summary>
public sealed class FunctionInvokerTests
{
    public sealed class Disposable : IDisposable
    {
        public static int Disposed { get; set; }

        public void Dispose() => Disposed++;
    }

    public sealed class Timers(Disposable scoped)
    {
        [Function("value")]
        public int Value([TimerTrigger("0 0 0 1 1 *")] TimerInfo info) => scoped is null ? 0 : 1;

        [Function("task")]
        public async Task Task([TimerTrigger("0 0 0 1 1 *")] TimerInfo info) => await System.Threading.Tasks.Task.Yield();

        [Function("task_of")]
        public async Task<string> TaskOf([TimerTrigger("0 0 0 1 1 *")] TimerInfo info)
        {
            await System.Threading.Tasks.Task.Yield();
            return "task";
        }

        [Function("value_task")]
        public ValueTask ValueTask([TimerTrigger("0 0 0 1 1 *")] TimerInfo info) => System.Threading.Tasks.ValueTask.CompletedTask;

        [Function("value_task_of")]
        public ValueTask<string> ValueTaskOf([TimerTrigger("0 0 0 1 1 *")] TimerInfo info) => System.Threading.Tasks.ValueTask.FromResult("value task");

        [Function("void")]
        public void Void([TimerTrigger("0 0 0 1 1 *")] TimerInfo info)
        {
        }

        [Function("throws")]
        public void Throws([TimerTrigger("0 0 0 1 1 *")] TimerInfo info) => throw new InvalidDataException("as thrown");
    }

    [Theory]
    [InlineData("value", 1)]
    [InlineData("task", null)]
    [InlineData("task_of", "task")]
    [InlineData("value_task", null)]
    [InlineData("value_task_of", "value task")]
    [InlineData("void", null)]
    public async Task Results_of_every_kind_come_back(string function, object? expected)
    {
        await using var host = await StartAsync();
        Assert.Equal(expected, await InvokeAsync(host, function));
    }

    [Fact]
    public async Task An_exception_comes_as_it_was_thrown()
    {
        await using var host = await StartAsync();
        Assert.Equal("as thrown", (await Assert.ThrowsAsync<InvalidDataException>(() => InvokeAsync(host, "throws"))).Message);
    }

    [Fact]
    public async Task Middleware_runs_for_every_trigger_and_may_replace_the_result()
    {
        await using var host = await StartAsync(builder => builder.UseMiddleware(async (context, next) =>
        {
            await next();
            Assert.Null(context.GetHttpContext());
            context.GetInvocationResult().Value = $"{context.FunctionDefinition.Name} {context.GetInvocationResult().Value}";
        }));
        Assert.Equal("task_of task", await InvokeAsync(host, "task_of"));
    }

    [Fact]
    public async Task Each_invocation_has_a_scope_unless_the_caller_gives_one()
    {
        await using var host = await StartAsync();
        Disposable.Disposed = 0;
        await InvokeAsync(host, "value");
        Assert.Equal(1, Disposable.Disposed);
        await using (var scope = host.Services.CreateAsyncScope())
        {
            var function = host.Get<FunctionCatalog>().Find("VALUE")!;
            await host.Get<FunctionInvoker>().InvokeAsync(new Invocation(function, null) { Services = scope.ServiceProvider }, TestContext.Current.CancellationToken);
            Assert.Equal(1, Disposable.Disposed);
        }

        Assert.Equal(2, Disposable.Disposed);
    }

    [Fact]
    public async Task An_invocation_stays_on_its_callers_synchronization_context()
    {
        await using var host = await StartAsync(builder => builder.UseMiddleware(async (_, next) => await next()));
        await using var scope = host.Services.CreateAsyncScope();
        var function = host.Get<FunctionCatalog>().Find("task_of")!;
        var context = new CountingContext();
        SynchronizationContext.SetSynchronizationContext(context);
        var run = host.Get<FunctionInvoker>().InvokeAsync(new Invocation(function, null) { Services = scope.ServiceProvider }, TestContext.Current.CancellationToken);
        Assert.False(run.IsCompleted);
        context.RunAll();
        Assert.True(run.IsCompleted);
        SynchronizationContext.SetSynchronizationContext(null);
        Assert.Equal("task", await run);
    }

    private static Task<object?> InvokeAsync(TestHost host, string function) => host.Get<FunctionInvoker>().InvokeAsync(
        new Invocation(host.Get<FunctionCatalog>().Find(function)!, new TimerInfo()),
        TestContext.Current.CancellationToken);

    private static Task<TestHost> StartAsync(Action<FunctionsApplicationBuilder>? configure = null) => TestHost.StartAsync([typeof(Timers)], builder =>
    {
        builder.Services.AddScoped<Disposable>();
        configure?.Invoke(builder);
    });

    private sealed class CountingContext : SynchronizationContext
    {
        private readonly Queue<(SendOrPostCallback Callback, object? State)> _posted = new();

        public override void Post(SendOrPostCallback d, object? state) => _posted.Enqueue((d, state));

        public void RunAll()
        {
            while (_posted.TryDequeue(out var work))
            {
                work.Callback(work.State);
            }
        }
    }
}
