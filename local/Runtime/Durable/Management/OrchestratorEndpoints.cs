using System.Text.Json;
using DurableTask.Core.Exceptions;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>Starts orchestrations.</summary>
internal sealed class OrchestratorEndpoints(DurableHost host, InstanceEndpoints instances, ManagementLinks links, TimeProvider time)
{
    /// <summary>202 with the addresses of the new instance. With <c>timeout</c> and <c>pollingInterval</c> (seconds) its result, if it ends
    /// so soon.</summary>
    public async Task StartAsync(HttpContext http, string name, string? id, bool otherHub)
    {
        ManagementQuery query = new(http.Request.Query);
        TimeSpan? timeout = query.Seconds("timeout");
        TimeSpan? interval = query.Seconds("pollingInterval");
        if (otherHub) throw new ManagementRefusedException(StatusCodes.Status400BadRequest, "This host runs orchestrations of its own hub only: leave 'taskHub' out.");
        if (interval > timeout)
            throw new ManagementRefusedException(StatusCodes.Status400BadRequest, "'timeout' must not be shorter than 'pollingInterval'.");

        JsonElement? input = await ManagementBody.ReadAsync(http.Request, optional: true);
        try
        {
            await TooLarge.GuardAsync(async () => id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
                name, input, new StartOrchestrationOptions(id), http.RequestAborted));
        }
        catch (OrchestrationAlreadyExistsException exists)
        {
            throw new ManagementRefusedException(StatusCodes.Status409Conflict, exists.Message);
        }

        OrchestrationMetadata? ended = timeout is { } patience && interval is not null ? await WaitAsync(http, id!, patience) : null;
        await (ended?.RuntimeStatus switch
        {
            null => AnswerStartedAsync(http, id!),
            OrchestrationRuntimeStatus.Completed => http.AnswerAsync(
                StatusCodes.Status200OK, json => InstanceDocument.WritePayload(json, ended.SerializedOutput)),
            _ => instances.AnswerAsync(http, ended, showInput: true, failures: false),
        });
    }

    /// <returns>Null when it still goes on.</returns>
    private async Task<OrchestrationMetadata?> WaitAsync(HttpContext http, string id, TimeSpan timeout)
    {
        using CancellationTokenSource patience = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, http.RequestAborted);
        try
        {
            return await host.Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, either.Token);
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
    }

    private Task AnswerStartedAsync(HttpContext http, string id)
    {
        string address = links.HostAddress(http.Request);
        http.Response.Headers.Location = links.To(address, id);
        http.Response.Headers.RetryAfter = "10";
        return http.AnswerAsync(StatusCodes.Status202Accepted, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("statusQueryGetUri", links.To(address, id));
            json.WriteString("sendEventPostUri", links.To(address, id, ManagementLinks.RaiseEvent));
            json.WriteString("terminatePostUri", links.To(address, id, ManagementLinks.Terminate));
            json.WriteString("purgeHistoryDeleteUri", links.To(address, id));
            json.WriteString("restartPostUri", links.To(address, id, ManagementLinks.Restart));
            json.WriteString("suspendPostUri", links.To(address, id, ManagementLinks.Suspend));
            json.WriteString("resumePostUri", links.To(address, id, ManagementLinks.Resume));
            json.WriteEndObject();
        });
    }
}
