using System.Reflection;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Makes tasks of the engine from the app's orchestrator and activity functions.</summary>
internal sealed class DurableFunctions(FunctionCatalog catalog, FunctionInvoker invoker, IServiceScopeFactory scopes)
{
    public static bool NeedsEngine(FunctionDescriptor function) =>
        function.Trigger is TriggerKind.Orchestration or TriggerKind.Activity
        || function.Parameters.Any(parameter => parameter.IsDefined(typeof(DurableClientAttribute)));

    /// <summary>The name that calls it: the attribute's, else the function's.</summary>
    public static string TaskName(FunctionDescriptor function) => function.TriggerAttribute switch
    {
        OrchestrationTriggerAttribute { Orchestration: { Length: > 0 } name } => name,
        ActivityTriggerAttribute { Activity: { Length: > 0 } name } => name,
        _ => function.Name,
    };

    public TaskRegistry CreateRegistry()
    {
        TaskRegistry registry = new();
        foreach (FunctionDescriptor function in catalog.Of(TriggerKind.Orchestration))
            registry.AddOrchestrator(TaskName(function), context => Orchestrate(function, context));
        foreach (FunctionDescriptor function in catalog.Of(TriggerKind.Activity))
            registry.AddActivity(TaskName(function), (context, cancellation) => invoker.InvokeAsync(new Invocation(function, context), cancellation));
        return registry;
    }

    private Task<object?> Orchestrate(FunctionDescriptor function, OrchestrationContext context)
    {
        // Most turns end before the function does, so its scope ends with the turn and not with the function.
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        context.AtTurnEnd(scope);
        return invoker.InvokeAsync(new Invocation(function, context) { Services = scope.ServiceProvider }, CancellationToken.None);
    }
}
