using System.Reflection;
using Azure.Messaging.EventHubs;
using DataPlatform.Local.Runtime.Functions;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Binds the events of a batch, or the one event of a function that takes no batches.</summary>
internal sealed class EventHubBinder : IParameterBinder
{
    public ParameterSource? Bind(FunctionDescriptor function, ParameterInfo parameter) =>
        function.Trigger == TriggerKind.EventHub && parameter == function.TriggerParameter
            && (parameter.ParameterType == typeof(EventData[]) || parameter.ParameterType == typeof(EventData))
            ? context => InvocationState.Of(context).TriggerValue
            : null;
}
