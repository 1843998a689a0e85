using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;

namespace DataPlatform.App.Ingestion;

/// <summary>Between HTTP and uploads.</summary>
public sealed class UploadAnswers(
    UploadReceiver receiver, FetchReceiver fetches, UploadSessions sessions, UploadReader reader, UploadStore uploads, CatalogStore catalog, BatchAnswers answers, Links links, TimeProvider clock)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    /// <summary>202 with the upload that the request, or an earlier one with its key, made; 200 with the receipt where there is no upload because
    /// the earlier request waited.</summary>
    public async Task<IResult> ReceiveAsync(HttpRequest request, DurableTaskClient client, BatchRequest batch, CancellationToken cancellationToken)
    {
        var start = await receiver.ReceiveAsync(batch, cancellationToken);
        return await OfAsync(request, client, start, cancellationToken);
    }

    /// <summary>The same for a batch that is to be fetched.</summary>
    public async Task<IResult> FetchAsync(HttpRequest request, DurableTaskClient client, BatchRequest batch, FetchRequest fetch, CancellationToken cancellationToken)
    {
        var start = await fetches.ReceiveAsync(batch, fetch, cancellationToken);
        return await OfAsync(request, client, start, cancellationToken);
    }

    /// <summary>201 with the address to write to.</summary>
    public async Task<IResult> BeginAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var document = SessionRequest.ReadBegin(await DocumentReader.ReadAsync(request, cancellationToken));
        var session = await sessions.BeginAsync(
            dataset, Caller.Of(request.HttpContext).Id, IdempotencyKey.Read(request), document, address => links.To(request, address), cancellationToken);
        return new JsonAnswer(StatusCodes.Status201Created, session)
        {
            Headers = new Dictionary<string, string> { ["Location"] = links.To(request, session.Links["self"]), ["Cache-Control"] = "no-store" },
        };
    }

    /// <summary>202; what was written will be loaded.</summary>
    public async Task<IResult> CompleteAsync(HttpRequest request, DurableTaskClient client, string dataset, string id, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var document = await DocumentReader.ReadOptionalAsync(request, cancellationToken);
        var upload = await sessions.CompleteAsync(dataset, id, SessionRequest.ReadEnd(document), cancellationToken);
        return await AcceptedAsync(request, client, upload, preference: false, cancellationToken);
    }

    /// <summary>200 with the upload when it has ended, 202 when it will end soon, if it does not commit before.</summary>
    public async Task<IResult> CancelAsync(HttpRequest request, DurableTaskClient client, string dataset, string id, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var upload = await sessions.CancelAsync(dataset, id, cancellationToken);
        return upload.HasEnded
            ? new JsonAnswer(StatusCodes.Status200OK, UploadInfo.Of(upload))
            : await AcceptedAsync(request, client, upload, preference: false, cancellationToken);
    }

    /// <summary>The blocks that are there.</summary>
    public async Task<IResult> ListBlocksAsync(HttpRequest request, string dataset, string id, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        return new JsonAnswer(StatusCodes.Status200OK, await sessions.ListBlocksAsync(dataset, id, cancellationToken));
    }

    /// <summary>The upload; with <c>?wait=</c> and seconds, when it has ended or they are over.</summary>
    public async Task<IResult> GetAsync(HttpRequest request, string dataset, string id, CancellationToken cancellationToken)
    {
        var wait = new QueryOptions(request, "wait").Number("wait", 0, LongPoll.MaxSeconds) ?? 0;
        var upload = await LongPoll.WaitAsync(
            () => reader.GetAsync(dataset, id, cancellationToken), upload => upload.HasEnded, TimeSpan.FromSeconds(wait), clock, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, UploadInfo.Of(upload))
        {
            Headers = upload.HasEnded ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = "1" },
        };
    }

    /// <summary>The uploads of a dataset, newest first.</summary>
    public async Task<IResult> ListAsync(HttpRequest request, string dataset, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "top", "after");
        var top = (int)(query.Number("top", 1, MaxTop) ?? DefaultTop);
        _ = await catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        var page = await uploads.ListAsync(dataset, query.Text("after"), top, cancellationToken);
        return links.List(request, page.Uploads.Select(UploadInfo.Of).ToList(), "after", page.Next);
    }

    private async Task<IResult> OfAsync(HttpRequest request, DurableTaskClient client, UploadStart start, CancellationToken cancellationToken) =>
        start.Upload is { } upload
            ? await AcceptedAsync(request, client, upload, Preference.Has(request, Preference.RespondAsync), cancellationToken)
            : await answers.OfAsync(start.Receipt!, cancellationToken);

    /// <summary>202 with <c>{id, status}</c>; the orchestration of what waits for one is scheduled.</summary>
    /// <param name="preference">Whether the sender asked to be answered before the end.</param>
    private async Task<IResult> AcceptedAsync(HttpRequest request, DurableTaskClient client, Upload upload, bool preference, CancellationToken cancellationToken)
    {
        if (upload is { Status: UploadStatus.NotStarted, Completed: not null })
            await client.ScheduleUploadAsync(upload.Id, upload.Instance, cancellationToken);
        Dictionary<string, string> headers = new()
        {
            ["Operation-Location"] = links.To(request, UploadInfo.AddressOf(upload)),
            ["Retry-After"] = Links.PollSeconds.ToString(CultureInfo.InvariantCulture),
        };
        if (preference)
            headers[Preference.AppliedHeader] = Preference.RespondAsync;
        return new JsonAnswer(StatusCodes.Status202Accepted, new OperationStatus(upload.Id, upload.Status.ToString())) { Headers = headers };
    }
}
