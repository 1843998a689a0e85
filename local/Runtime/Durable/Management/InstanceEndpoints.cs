using System.Text.Json;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>What can be asked of instances and done to them.</summary>
internal sealed class InstanceEndpoints(DurableHost host, ManagementLinks links, TimeProvider time)
{
    private const string TokenHeader = "x-ms-continuation-token";
    private const int MaxTop = 500;

    private LocalDurableTaskClient Client => host.Client;

    /// <summary>An instance: 202 while it goes on, 200 when it has ended.</summary>
    public async Task GetAsync(HttpContext http, string id)
    {
        ManagementQuery query = new(http.Request.Query);
        bool showInput = query.Flag("showInput", true);
        bool showHistory = query.Flag("showHistory", false);
        bool showHistoryOutput = query.Flag("showHistoryOutput", false);
        bool failures = query.Flag("returnInternalServerErrorOnFailure", false);
        OrchestrationMetadata instance;
        HistoryDocument? history = null;
        if (showHistory)
        {
            (instance, IReadOnlyList<HistoryEvent> events) = Client.GetHistory(id) ?? throw NotFound(id);
            if (instance.RuntimeStatus != OrchestrationRuntimeStatus.Pending)
                history = new HistoryDocument(instance, events, showInput, showHistoryOutput);
        }
        else
        {
            instance = await FindAsync(http, id);
        }

        await AnswerAsync(http, instance, showInput, failures, history);
    }

    /// <summary>A page of instances; the header says where the next one begins, and is missing on the last.</summary>
    public async Task ListAsync(HttpContext http)
    {
        ManagementQuery query = new(http.Request.Query);
        bool showInput = query.Flag("showInput", true);
        OrchestrationQuery filter = new(
            CreatedFrom: query.Time("createdTimeFrom"),
            CreatedTo: query.Time("createdTimeTo"),
            Statuses: query.Statuses("runtimeStatus"),
            InstanceIdPrefix: query.Text("instanceIdPrefix"),
            PageSize: query.Number("top", 1, MaxTop) ?? OrchestrationQuery.DefaultPageSize,
            FetchInputsAndOutputs: true,
            ContinuationToken: http.Request.Headers[TokenHeader].ToString() is { Length: > 0 } token ? token : null);
        await foreach (Page<OrchestrationMetadata> page in Client.GetAllInstancesAsync(filter).AsPages().WithCancellation(http.RequestAborted))
        {
            if (page.ContinuationToken is { } next) http.Response.Headers[TokenHeader] = next;
            await http.AnswerAsync(page.Values, (json, instance) => InstanceDocument.Write(json, instance, showInput));
            return;
        }
    }

    public static Task ListNoneAsync(HttpContext http) => http.AnswerAsync(Array.Empty<OrchestrationMetadata>(), (_, _) => { });

    public async Task PurgeAsync(HttpContext http, string id)
    {
        OrchestrationMetadata instance = await FindAsync(http, id);
        if (!instance.IsCompleted)
        {
            string message = $"Instance '{id}' is {instance.RuntimeStatus}: terminate it before it is purged.";
            throw new ManagementRefusedException(StatusCodes.Status412PreconditionFailed, message) { IsBare = true };
        }

        PurgeResult result = await Client.PurgeInstanceAsync(id, http.RequestAborted);
        await AnswerAsync(http, result);
    }

    public async Task PurgeAllAsync(HttpContext http)
    {
        ManagementQuery query = new(http.Request.Query);
        DateTimeOffset from = query.Time("createdTimeFrom")
            ?? throw new ManagementRefusedException(StatusCodes.Status400BadRequest, "Please provide value for 'createdTimeFrom' parameter.") { IsBare = true };
        PurgeInstancesFilter filter = new(from, query.Time("createdTimeTo") ?? time.GetUtcNow(), query.Statuses("runtimeStatus"));
        PurgeResult result = await Client.PurgeAllInstancesAsync(filter, http.RequestAborted);
        if (result.PurgedInstanceCount == 0) throw new ManagementRefusedException(StatusCodes.Status404NotFound, "No instance fits.");
        await AnswerAsync(http, result);
    }

    public Task RaiseEventAsync(HttpContext http, string id, string name) => ChangeAsync(http, id, async () =>
    {
        if (!ManagementBody.IsJson(http.Request))
            throw new ManagementRefusedException(StatusCodes.Status400BadRequest, "Only application/json request content is supported");
        JsonElement? data = await ManagementBody.ReadAsync(http.Request, optional: false);
        await TooLarge.GuardAsync(() => Client.RaiseEventAsync(id, name, data, http.RequestAborted));
    });

    public Task TerminateAsync(HttpContext http, string id) => ChangeAsync(http, id, () => Client.TerminateAsync(id, Reason(http), http.RequestAborted));

    public Task SuspendAsync(HttpContext http, string id) => ChangeAsync(http, id, () => Client.SuspendInstanceAsync(id, Reason(http), http.RequestAborted));

    public Task ResumeAsync(HttpContext http, string id) => ChangeAsync(http, id, () => Client.ResumeInstanceAsync(id, Reason(http), http.RequestAborted));

    public Task AnswerAsync(HttpContext http, OrchestrationMetadata instance, bool showInput, bool failures, HistoryDocument? history = null)
    {
        if (!instance.IsCompleted)
        {
            http.Response.Headers.Location = links.HostAddress(http.Request) + http.Request.GetEncodedPathAndQuery();
            http.Response.Headers.RetryAfter = "5";
        }

        int status = !instance.IsCompleted ? StatusCodes.Status202Accepted
            : failures && instance.RuntimeStatus == OrchestrationRuntimeStatus.Failed ? StatusCodes.Status500InternalServerError
            : StatusCodes.Status200OK;
        return http.AnswerAsync(status, json => InstanceDocument.Write(json, instance, showInput, history is null ? null : history.Write));
    }

    private static Task AnswerAsync(HttpContext http, PurgeResult result) => http.AnswerAsync(StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("instancesDeleted", result.PurgedInstanceCount);
        json.WriteEndObject();
    });

    private async Task ChangeAsync(HttpContext http, string id, Func<Task> change)
    {
        await FindLiveAsync(http, id);
        try
        {
            await change();
        }
        catch (RpcException)
        {
            // It may have ended meanwhile.
            await FindLiveAsync(http, id);
            throw;
        }

        http.Response.StatusCode = StatusCodes.Status202Accepted;
    }

    private async Task<OrchestrationMetadata> FindAsync(HttpContext http, string id) =>
        await Client.GetInstanceAsync(id, getInputsAndOutputs: true, http.RequestAborted) ?? throw NotFound(id);

    private async Task FindLiveAsync(HttpContext http, string id)
    {
        OrchestrationMetadata instance = await Client.GetInstanceAsync(id, http.RequestAborted) ?? throw NotFound(id);
        if (instance.IsCompleted) throw new ManagementRefusedException(StatusCodes.Status410Gone, $"Instance '{id}' has ended.");
    }

    private static string? Reason(HttpContext http) => new ManagementQuery(http.Request.Query).Text("reason");

    private static ManagementRefusedException NotFound(string id) => new(StatusCodes.Status404NotFound, $"There is no instance '{id}'.");
}
