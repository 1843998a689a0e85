using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Refuses orchestrators and activities that could not run.</summary>
internal sealed class DurableFunctionValidator(DurableSettings settings) : IFunctionValidator
{
    public void Validate(FunctionCatalog catalog, StartErrors errors)
    {
        settings.Read(errors);
        foreach (FunctionDescriptor function in catalog.Of(TriggerKind.Orchestration))
        {
            if (function.TriggerParameter.ParameterType != typeof(TaskOrchestrationContext))
            {
                errors.Add(
                    function.Name,
                    $"[OrchestrationTrigger] stands at a {function.TriggerParameter.ParameterType.Name}",
                    "put it at a TaskOrchestrationContext; the input may be a second, plain parameter");
            }

            if (function.Parameters.Any(parameter => parameter.IsDefined(typeof(DurableClientAttribute), inherit: false)))
                errors.Add(function.Name, "an orchestrator is replayed and must not use a client", "use the context, or call an activity that has the client");
        }

        CheckNames(catalog, TriggerKind.Orchestration, "orchestrator", errors);
        CheckNames(catalog, TriggerKind.Activity, "activity", errors);
    }

    private static void CheckNames(FunctionCatalog catalog, TriggerKind kind, string what, StartErrors errors)
    {
        foreach (IGrouping<string, FunctionDescriptor> same in catalog.Of(kind).GroupBy(DurableFunctions.TaskName, StringComparer.OrdinalIgnoreCase))
        {
            foreach (FunctionDescriptor second in same.Skip(1))
                errors.Add(second.Name, $"the {what} name '{same.Key}' belongs to {same.First().Name} already", "give each a name of its own; case does not count");
        }
    }
}
