using DataPlatform.Local.Runtime.Functions;

namespace Microsoft.Azure.Functions.Worker;

public static class FunctionContextBindingFeatureExtensions
{
    /// <summary>The function's result; empty before the function has run.</summary>
    public static InvocationResult GetInvocationResult(this FunctionContext context) =>
        new LocalInvocationResult(InvocationState.Of(context));

    public static InvocationResult<T> GetInvocationResult<T>(this FunctionContext context) =>
        new LocalInvocationResult<T>(InvocationState.Of(context));
}
