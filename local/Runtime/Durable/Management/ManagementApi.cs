using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>
/// The durable extension's HTTP API (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-http-api): finds what a
/// request asks for and turns refusals into answers.
/// </summary>
internal sealed class ManagementApi(
    ManagementAccess access,
    DurableSettings settings,
    InstanceEndpoints instances,
    OrchestratorEndpoints orchestrators,
    ILogger<ManagementApi> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            access.Check(http);
            await RouteAsync(http);
        }
        catch (Exception exception) when (!http.Response.HasStarted && !http.RequestAborted.IsCancellationRequested)
        {
            await AnswerAsync(http, exception);
        }
    }

    private async Task RouteAsync(HttpContext http)
    {
        // The one character that the server leaves encoded; the official host takes it for the separator that it stands for.
        string[] path = http.Request.Path.Value![ManagementLinks.Prefix.Length..].Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)
            .Trim('/').Split('/');
        string method = http.Request.Method.ToUpperInvariant();
        switch (path[0].ToUpperInvariant())
        {
            case "INSTANCES" when Array.TrueForAll(path, part => part.Length > 0):
                await RouteToInstancesAsync(http, method, path);
                break;
            case "ORCHESTRATORS" when method == "POST" && path is [_, { Length: > 0 } name]:
                await orchestrators.StartAsync(http, name, null, IsOtherHub(http));
                break;
            case "ORCHESTRATORS" when method == "POST" && path is [_, { Length: > 0 } name, { Length: > 0 } id]:
                await orchestrators.StartAsync(http, name, id, IsOtherHub(http));
                break;
            case "ENTITIES" or "MAKEPRIMARY":
                throw NotSupported("Entities and hubs with several primaries are");
            default:
                throw NotFound();
        }
    }

    private Task RouteToInstancesAsync(HttpContext http, string method, string[] path)
    {
        // Such ids are those of entities.
        if (path is [_, ['@', ..], ..]) throw NotFound();
        if (IsOtherHub(http)) return (method, path.Length) == ("GET", 1) ? InstanceEndpoints.ListNoneAsync(http) : throw NotFound();
        return (method, path) switch
        {
            ("GET", [_]) => instances.ListAsync(http),
            ("DELETE", [_]) => instances.PurgeAllAsync(http),
            ("GET", [_, var id]) => instances.GetAsync(http, id),
            ("DELETE", [_, var id]) => instances.PurgeAsync(http, id),
            ("POST", [_, var id, var action]) => RouteToAction(http, id, action),
            ("POST", [_, var id, var action, var name]) when Is(action, "raiseEvent") => instances.RaiseEventAsync(http, id, name),
            _ => throw NotFound(),
        };
    }

    private Task RouteToAction(HttpContext http, string id, string action) => action.ToUpperInvariant() switch
    {
        "TERMINATE" => instances.TerminateAsync(http, id),
        "SUSPEND" => instances.SuspendAsync(http, id),
        "RESUME" => instances.ResumeAsync(http, id),
        "REWIND" or "RESTART" => throw NotSupported("Rewinding and restarting instances are"),
        _ => throw NotFound(),
    };

    /// <summary>The official host looks into the hub that a request names. Here there is one; any other is empty.</summary>
    private bool IsOtherHub(HttpContext http) =>
        http.Request.Query["taskHub"].ToString() is { } hub && !string.IsNullOrWhiteSpace(hub) && !Is(hub, settings.HubName);

    private Task AnswerAsync(HttpContext http, Exception exception)
    {
        http.Response.Clear();
        switch (exception)
        {
            case ManagementRefusedException { Status: StatusCodes.Status404NotFound or StatusCodes.Status410Gone } none:
                http.Response.StatusCode = none.Status;
                return Task.CompletedTask;
            case ManagementRefusedException refused:
                return refused.IsBare
                    ? http.AnswerAsync(refused.Status, json => json.WriteStringValue(refused.Message))
                    : http.ErrorAsync(refused.Status, refused.Message, refused.Detail);
            case BadHttpRequestException bad:
                return http.ErrorAsync(bad.StatusCode, bad.Message);
            case ArgumentException wrong:
                return http.ErrorAsync(StatusCodes.Status400BadRequest, "One or more of the arguments submitted is incorrect", wrong.Message);
            case RpcException { StatusCode: StatusCode.NotFound }:
                http.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            case RpcException refused:
                return http.ErrorAsync(StatusCodes.Status409Conflict, refused.Status.Detail);
            default:
                Log.Failed(logger, exception, http.Request.Method, http.Request.Path);
                return http.ErrorAsync(StatusCodes.Status500InternalServerError, "Something went wrong while processing your request");
        }
    }

    private static bool Is(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static ManagementRefusedException NotFound() => new(StatusCodes.Status404NotFound, "There is nothing here.");

    private static ManagementRefusedException NotSupported(string what) =>
        new(StatusCodes.Status501NotImplemented, $"{what} not part of the local runtime.");
}
