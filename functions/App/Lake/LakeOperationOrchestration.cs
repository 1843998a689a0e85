using DataPlatform.App.Operations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.App.Lake;

/// <summary>Copies, moves or deletes a folder.</summary>
public static class LakeOperationOrchestration
{
    public const string Name = "LakeOperation";

    [Function(Name)]
    public static Task Run([OrchestrationTrigger] TaskOrchestrationContext context) =>
        OperationRounds.RunAsync(context, LakeOperationActivityFunctions.Work, LakeOperationActivityFunctions.End);
}
