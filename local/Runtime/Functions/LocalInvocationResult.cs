using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

internal sealed class LocalInvocationResult(InvocationState state) : InvocationResult
{
    public override object? Value
    {
        get => state.Result;
        set => state.Result = value;
    }
}
