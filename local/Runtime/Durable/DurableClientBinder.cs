using System.Reflection;
using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Binds <c>[DurableClient] DurableTaskClient</c> in every function but orchestrators, whose code is replayed.</summary>
internal sealed class DurableClientBinder : IParameterBinder
{
    public ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter) =>
        function.Trigger != TriggerKind.Orchestration
        && parameter.ParameterType == typeof(DurableTaskClient)
        && parameter.IsDefined(typeof(DurableClientAttribute))
            ? invocation => invocation.InstanceServices.GetRequiredService<DurableHost>().Client
            : null;
}
