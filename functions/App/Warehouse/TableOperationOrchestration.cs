using DataPlatform.App.Operations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace DataPlatform.App.Warehouse;

/// <summary>Executes an operation on a table.</summary>
public static class TableOperationOrchestration
{
    public const string Name = "TableOperation";

    [Function(Name)]
    public static Task Run([OrchestrationTrigger] TaskOrchestrationContext context) =>
        OperationRounds.RunAsync(context, TableOperationActivityFunctions.Work, TableOperationActivityFunctions.End);
}
