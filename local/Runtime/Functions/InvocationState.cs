using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

/// <summary>What the runtime keeps about a running invocation, as one of its features.</summary>
internal sealed class InvocationState(Invocation invocation)
{
    public Invocation Invocation => invocation;

    public object? TriggerValue => invocation.TriggerValue;

    public object? Result { get; set; }

    public static InvocationState Of(FunctionContext context) =>
        context.Features.Get<InvocationState>()
        ?? throw new InvalidOperationException("This FunctionContext was not made by the local runtime; it has no invocation result.");
}
