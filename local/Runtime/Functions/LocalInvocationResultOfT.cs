using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Functions;

internal sealed class LocalInvocationResult<T>(InvocationState state) : InvocationResult<T>
{
    public override T? Value
    {
        get => (T?)state.Result;
        set => state.Result = value;
    }
}
