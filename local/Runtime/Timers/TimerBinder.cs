using System.Reflection;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Timers;

/// <summary>Binds <see cref="TimerInfo"/>.</summary>
internal sealed class TimerBinder : IParameterBinder
{
    public ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter) =>
        function.Trigger == TriggerKind.Timer && parameter.ParameterType == typeof(TimerInfo)
            ? context => InvocationState.Of(context).TriggerValue
            : null;
}
