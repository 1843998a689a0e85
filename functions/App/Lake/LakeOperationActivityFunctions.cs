using DataPlatform.Files;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Lake;

/// <summary>The activities of operations on folders.</summary>
public sealed class LakeOperationActivityFunctions(FolderWork work, ActivityAttempt attempt)
{
    public const string Work = "LakeOperationWork";
    public const string End = "LakeOperationEnd";

    [Function(Work)]
    public Task<LakeOperationProgress> DoWork([ActivityTrigger] string operation, CancellationToken cancellationToken) =>
        attempt.RunAsync(
            operation,
            async () => new LakeOperationProgress(null, await work.WorkAsync(operation, cancellationToken)),
            static failure => new LakeOperationProgress(failure, More: false));

    [Function(End)]
    public Task EndOperation([ActivityTrigger] LakeOperationEnd end, CancellationToken cancellationToken) =>
        work.EndAsync(end.Operation, end.Error, cancellationToken);
}
