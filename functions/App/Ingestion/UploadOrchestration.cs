using DataPlatform.App.Operations;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using OrchestrationAlreadyExistsException = DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException;

namespace DataPlatform.App.Ingestion;

/// <summary>Loads what was accepted before. Its input is the upload's id.</summary>
public static class UploadOrchestration
{
    public const string Name = "LoadUpload";

    [Function(Name)]
    public static async Task Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var id = context.GetInput<string>()!;
        RunFailure? error;
        try
        {
            var begun = await context.CallActivityAsync<UploadBegun>(UploadActivityFunctions.Begin, new UploadStep(id, context.InstanceId), RunRetries.End);
            error = begun.Error;
            for (var more = begun is { HasEnded: false, Origin: UploadOrigin.Url }; more && error is null;)
            {
                var fetched = await context.CallActivityAsync<UploadFetched>(UploadActivityFunctions.Fetch, id, RunRetries.End);
                (more, error) = (!fetched.IsComplete, fetched.Error);
            }

            if (error is null && !begun.HasEnded)
                error = (await context.CallActivityAsync<ActivityOutcome>(UploadActivityFunctions.Load, id, RunRetries.End)).Error;
        }
        catch (TaskFailedException exception)
        {
            error = UploadActivities.GivenUp(exception.FailureDetails.ErrorMessage);
        }

        await context.CallActivityAsync(UploadActivityFunctions.End, new UploadEnd(id, context.InstanceId, error), RunRetries.End);
    }

    /// <summary>Schedules an upload's orchestration, unless it is under way.</summary>
    public static async Task ScheduleUploadAsync(this DurableTaskClient client, string id, string instance, CancellationToken cancellationToken)
    {
        FaultPoint.Pass("before-upload-schedule");
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(Name, id, new StartOrchestrationOptions(instance), cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // Another request with the same key, or the timer, was first.
        }
    }
}
