using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>The durable client, one method a route.</summary>
public sealed class ClientFunctions
{
    [Function("client_start")]
    public Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "durable/start/{name}")] HttpRequest request,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(async () =>
    {
        var input = await BodyAsync(request, cancellationToken);
        var options = new StartOrchestrationOptions(Query(request, "id"), Time(request, "startAt"));
        if (Query(request, "dedupe") is { } dedupe)
            options = options.WithDedupeStatuses([.. dedupe.Split(',').Where(s => s.Length > 0).Select(Enum.Parse<OrchestrationRuntimeStatus>)]);
        if (Query(request, "version") is { } version)
            options = options with { Version = version };
        return Results.Json(new { Id = await client.ScheduleNewOrchestrationInstanceAsync(name, input, options, cancellationToken) });
    });

    [Function("client_get")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "durable/instances/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(async () =>
        await client.GetInstanceAsync(id, Query(request, "bare") is null, cancellationToken) is { } instance
            ? Results.Json(InstanceSeen.Of(instance))
            : Results.NotFound());

    [Function("client_wait_start")]
    public Task<IResult> WaitStart(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "durable/instances/{id}/wait-start")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client) => ClientCalls.RunAsync(async () =>
    {
        using var limit = new CancellationTokenSource(Seconds(request));
        return Results.Json(InstanceSeen.Of(await client.WaitForInstanceStartAsync(id, getInputsAndOutputs: true, limit.Token)));
    });

    [Function("client_wait_completion")]
    public Task<IResult> WaitCompletion(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "durable/instances/{id}/wait-completion")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client) => ClientCalls.RunAsync(async () =>
    {
        using var limit = new CancellationTokenSource(Seconds(request));
        return Results.Json(InstanceSeen.Of(await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, limit.Token)));
    });

    [Function("client_raise")]
    public Task<IResult> Raise(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "durable/instances/{id}/events/{name}")] HttpRequest request,
        string id,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(async () =>
        await client.RaiseEventAsync(id, name, await BodyAsync(request, cancellationToken), cancellationToken));

    [Function("client_terminate")]
    public Task<IResult> Terminate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "durable/instances/{id}/terminate")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(() => client.TerminateInstanceAsync(id, (object?)Query(request, "output"), cancellationToken));

    [Function("client_suspend")]
    public Task<IResult> Suspend(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "durable/instances/{id}/suspend")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(() => client.SuspendInstanceAsync(id, "the test wants it", cancellationToken));

    [Function("client_resume")]
    public Task<IResult> Resume(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "durable/instances/{id}/resume")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(() => client.ResumeInstanceAsync(id, "the test wants it", cancellationToken));

    [Function("client_payload")]
    public IResult Payload(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "durable/instances/{id}/payload")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client) => Results.Json(client.CreateHttpManagementPayload(id));

    [Function("client_purge")]
    public Task<IResult> Purge(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "durable/instances/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(async () =>
        Results.Json(new { Purged = (await client.PurgeInstanceAsync(id, cancellationToken)).PurgedInstanceCount }));

    [Function("client_purge_all")]
    public Task<IResult> PurgeAll(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "durable/instances")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(async () =>
    {
        var filter = new PurgeInstancesFilter(Time(request, "from"), Time(request, "to"), Statuses(request));
        return Results.Json(new { Purged = (await client.PurgeAllInstancesAsync(filter, cancellationToken)).PurgedInstanceCount });
    });

    [Function("client_query")]
    public Task<IResult> Find(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "durable/instances")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(async () =>
    {
        var query = new OrchestrationQuery(
            Time(request, "from"),
            Time(request, "to"),
            Statuses(request),
            InstanceIdPrefix: Query(request, "prefix"),
            PageSize: int.Parse(Query(request, "size") ?? "100", CultureInfo.InvariantCulture),
            FetchInputsAndOutputs: Query(request, "full") is not null,
            ContinuationToken: Query(request, "token"));
        await foreach (var page in client.GetAllInstancesAsync(query).AsPages().WithCancellation(cancellationToken))
            return Results.Json(new PageSeen([.. page.Values.Select(InstanceSeen.Of)], page.ContinuationToken));

        return Results.Json(new PageSeen([], null));
    });

    [Function("client_query_all")]
    public Task<IResult> FindAll(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "durable/all-instances")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => ClientCalls.RunAsync(async () =>
    {
        var query = new OrchestrationQuery(InstanceIdPrefix: Query(request, "prefix"), PageSize: 2);
        List<string> ids = [];
        await foreach (var instance in client.GetAllInstancesAsync(query).WithCancellation(cancellationToken))
            ids.Add(instance.InstanceId);
        return Results.Json(ids);
    });

    private static string? Query(HttpRequest request, string name) => request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    private static DateTimeOffset? Time(HttpRequest request, string name) =>
        Query(request, name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : null;

    private static TimeSpan Seconds(HttpRequest request) =>
        TimeSpan.FromSeconds(double.Parse(Query(request, "seconds") ?? "60", CultureInfo.InvariantCulture));

    private static List<OrchestrationRuntimeStatus>? Statuses(HttpRequest request) =>
        Query(request, "status") is { } text ? [.. text.Split(',').Select(Enum.Parse<OrchestrationRuntimeStatus>)] : null;

    private static async Task<JsonElement?> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        return body.Length == 0 ? null : JsonDocument.Parse(body.ToArray()).RootElement.Clone();
    }
}
