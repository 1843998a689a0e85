using DataPlatform.Operations;
using DataPlatform.Warehouse;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Warehouse;

/// <summary>The activities of operations on tables.</summary>
public sealed class TableOperationActivityFunctions(TableOperations operations, ActivityAttempt attempt)
{
    public const string Work = "TableOperationWork";
    public const string End = "TableOperationEnd";

    [Function(Work)]
    public Task<TableOperationProgress> DoWork([ActivityTrigger] string operation, CancellationToken cancellationToken) =>
        attempt.RunAsync(
            operation,
            async () => new TableOperationProgress(null, await operations.WorkAsync(operation, cancellationToken)),
            static failure => new TableOperationProgress(failure, More: false));

    [Function(End)]
    public Task EndOperation([ActivityTrigger] TableOperationEnd end, CancellationToken cancellationToken) =>
        operations.EndAsync(end.Operation, end.Error, cancellationToken);
}
