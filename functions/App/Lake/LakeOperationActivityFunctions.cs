using DataPlatform.App.Operations;
using DataPlatform.Files;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Lake;

/// <summary>The activities of operations on folders.</summary>
public sealed class LakeOperationActivityFunctions(FolderWork work, OperationStore<LakeOperation> store, ActivityAttempt attempt)
{
    public const string Work = "LakeOperationWork";
    public const string End = "LakeOperationEnd";

    [Function(Work)]
    public Task<OperationProgress> DoWork([ActivityTrigger] string operation, CancellationToken cancellationToken) =>
        attempt.RunAsync(
            operation,
            async () => new OperationProgress(null, await work.WorkAsync(operation, cancellationToken)),
            static failure => new OperationProgress(failure, More: false));

    [Function(End)]
    public Task EndOperation([ActivityTrigger] OperationEnd end, CancellationToken cancellationToken) =>
        store.EndAsync(end.Operation, end.Error, cancellationToken);
}
