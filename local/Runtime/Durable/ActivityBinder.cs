using System.Reflection;
using DataPlatform.Local.Runtime.Functions;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Binds an activity's trigger parameter to its input.</summary>
internal sealed class ActivityBinder : IParameterBinder
{
    public ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter)
    {
        if (function.Trigger != TriggerKind.Activity || parameter != function.TriggerParameter) return null;
        Type type = parameter.ParameterType;
        return invocation => ((ActivityContext)InvocationState.Of(invocation).TriggerValue!).GetInput(type);
    }
}
