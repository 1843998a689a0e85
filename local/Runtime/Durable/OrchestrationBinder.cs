using System.Reflection;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Binds an orchestrator's context and, as on the official host, its first plain parameter to the input.</summary>
internal sealed class OrchestrationBinder : IParameterBinder
{
    public ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter)
    {
        if (function.Trigger != TriggerKind.Orchestration) return null;
        if (parameter == function.TriggerParameter) return Context;
        ParameterInfo? input = function.Parameters.FirstOrDefault(IsPlain);
        Type type = parameter.ParameterType;
        return parameter == input ? invocation => Context(invocation).GetInput(type) : null;
    }

    private static OrchestrationContext Context(Microsoft.Azure.Functions.Worker.FunctionContext invocation) =>
        (OrchestrationContext)InvocationState.Of(invocation).TriggerValue!;

    private static bool IsPlain(ParameterInfo parameter) =>
        !parameter.IsDefined(typeof(BindingAttribute))
        && parameter.ParameterType != typeof(Microsoft.Azure.Functions.Worker.FunctionContext)
        && parameter.ParameterType != typeof(CancellationToken);
}
