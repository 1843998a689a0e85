using DataPlatform.Ingestion.Uploads;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Operations;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Ingestion;

/// <summary>The activities that load an upload.</summary>
public sealed class UploadActivityFunctions(UploadActivities activities, FetchActivities fetches)
{
    public const string Begin = "UploadBegin";
    public const string Fetch = "UploadFetch";
    public const string Load = "UploadLoad";
    public const string End = "UploadEnd";

    [Function(Begin)]
    public Task<UploadBegun> BeginUpload([ActivityTrigger] UploadStep step, CancellationToken cancellationToken) => activities.BeginAsync(step.Id, step.Instance, cancellationToken);

    [Function(Fetch)]
    public Task<UploadFetched> FetchUpload([ActivityTrigger] string id, CancellationToken cancellationToken) => fetches.FetchAsync(id, cancellationToken);

    [Function(Load)]
    public Task<ActivityOutcome> LoadUpload([ActivityTrigger] string id, CancellationToken cancellationToken) => activities.LoadAsync(id, cancellationToken);

    [Function(End)]
    public Task EndUpload([ActivityTrigger] UploadEnd end, CancellationToken cancellationToken) => activities.EndAsync(end.Id, end.Instance, end.Error, cancellationToken);
}
