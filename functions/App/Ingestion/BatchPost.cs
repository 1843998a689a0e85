using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Ingestion.Uploads.Fetch;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Ingestion;

/// <summary>Answers batches: loaded at once, accepted to be loaded later, or to be fetched from a URL.</summary>
public sealed class BatchPost(FetchReceiver fetches, UploadAnswers uploads, DatasetCreator datasets, BatchAnswers answers)
{
    public async Task<IResult> PostAsync(HttpRequest request, DurableTaskClient client, BatchRequest batch, CancellationToken cancellationToken)
    {
        var body = await fetches.OpenAsync(batch, cancellationToken);
        if (body.Request is { } fetch)
            return await uploads.FetchAsync(request, client, batch, fetch, cancellationToken);

        batch = batch with { Body = body.Rows };
        if (Preference.Has(request, Preference.RespondAsync))
            return await uploads.ReceiveAsync(request, client, batch, cancellationToken);

        var mayDefine = Caller.Of(request.HttpContext).Has($"define:dataset/{batch.Dataset}");
        return await answers.OfAsync(await datasets.IngestAsync(batch, mayDefine, cancellationToken), cancellationToken);
    }
}
