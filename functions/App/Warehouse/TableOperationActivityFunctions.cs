using DataPlatform.App.Operations;
using DataPlatform.Operations;
using DataPlatform.Warehouse;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Warehouse;

/// <summary>The activities of operations on tables.</summary>
public sealed class TableOperationActivityFunctions(TableOperations operations, OperationStore<TableOperation> store, ActivityAttempt attempt)
{
    public const string Work = "TableOperationWork";
    public const string End = "TableOperationEnd";

    [Function(Work)]
    public Task<OperationProgress> DoWork([ActivityTrigger] string operation, CancellationToken cancellationToken) =>
        attempt.RunAsync(
            operation,
            async () => new OperationProgress(null, await operations.WorkAsync(operation, cancellationToken)),
            static failure => new OperationProgress(failure, More: false));

    [Function(End)]
    public Task EndOperation([ActivityTrigger] OperationEnd end, CancellationToken cancellationToken) =>
        store.EndAsync(end.Operation, end.Error, cancellationToken);
}
