using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Tests.Durable;

internal static class RegistryExtensions
{
    public static TaskRegistry Orchestrator<T>(this TaskRegistry registry, string name, Func<TaskOrchestrationContext, Task<T>> code) =>
        registry.AddOrchestrator(name, async context => await code(context));

    public static TaskRegistry Activity<TIn, TOut>(this TaskRegistry registry, string name, Func<TIn, TOut> code) =>
        registry.AddActivity(name, (context, _) => Task.FromResult<object?>(code(context.GetInput<TIn>()!)));

    public static TaskRegistry ActivityAsync<TIn, TOut>(
        this TaskRegistry registry, string name, Func<TIn, CancellationToken, Task<TOut>> code) =>
        registry.AddActivity(name, async (context, cancellation) => await code(context.GetInput<TIn>()!, cancellation));
}
