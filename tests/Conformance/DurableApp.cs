using System.Net;
using System.Net.Http.Json;

namespace DataPlatform.Conformance.Tests;

/// <summary>The durable client inside the app, one method a route.</summary>
public sealed class DurableApp(HttpClient http)
{
    /// <param name="options">More of the query: <c>startAt</c>, <c>dedupe</c>, <c>version</c>.</param>
    /// <returns>409 when the instance exists, 400 when it is refused for another reason.</returns>
    public async Task<HttpStatusCode> TryStartAsync(string orchestrator, string id, object? input = null, string options = "")
    {
        using var response = await SendAsync(HttpMethod.Post, $"start/{orchestrator}?id={Uri.EscapeDataString(id)}{options}", input);
        return response.StatusCode;
    }

    /// <returns>The id: a fresh one.</returns>
    public async Task<string> StartAsync(string orchestrator, object? input = null, string options = "")
    {
        var id = ConformanceHost.NewId(orchestrator);
        Assert.Equal(HttpStatusCode.OK, await TryStartAsync(orchestrator, id, input, options));
        return id;
    }

    /// <summary>Starts an instance and waits for its first turn: the official host may keep an event that comes before it for minutes.</summary>
    public async Task<string> StartRunningAsync(string orchestrator, object? input = null)
    {
        var id = await StartAsync(orchestrator, input);
        await UntilAsync(id, "Running");
        return id;
    }

    public async Task<Instance> RunAsync(string orchestrator, object? input = null, string options = "") =>
        await CompletedAsync(await StartAsync(orchestrator, input, options));

    /// <returns>Null when there is none.</returns>
    public async Task<Instance?> FindAsync(string id)
    {
        using var response = await SendAsync(HttpMethod.Get, $"instances/{Uri.EscapeDataString(id)}");
        return response.StatusCode == HttpStatusCode.NotFound ? null : await ReadAsync<Instance>(response);
    }

    /// <summary>Waits until the instance has ended.</summary>
    public async Task<Instance> CompletedAsync(string id) => (await UntilAsync(id, instance => instance is { IsCompleted: true }))!;

    /// <summary>Waits until the instance has that status.</summary>
    public async Task<Instance> UntilAsync(string id, string status) => (await UntilAsync(id, instance => instance?.Status == status))!;

    /// <summary>Waits until the instance has set that custom status, given as JSON.</summary>
    public async Task<Instance> UntilCustomStatusAsync(string id, string json) => (await UntilAsync(id, instance => instance?.CustomStatus == json))!;

    public Task<Instance?> UntilAsync(string id, Func<Instance?, bool> until) => Eventually.WaitAsync(() => FindAsync(id), until, $"such state of {id}");

    public async Task<HttpStatusCode> RaiseAsync(string id, string name, object? data) => await StatusAsync(HttpMethod.Post, $"instances/{id}/events/{name}", data);

    public Task<HttpStatusCode> TerminateAsync(string id, string output = "ended") => StatusAsync(HttpMethod.Post, $"instances/{id}/terminate?output={output}");

    public Task<HttpStatusCode> SuspendAsync(string id) => StatusAsync(HttpMethod.Post, $"instances/{id}/suspend");

    public Task<HttpStatusCode> ResumeAsync(string id) => StatusAsync(HttpMethod.Post, $"instances/{id}/resume");

    /// <returns>How many were purged; null when it was refused.</returns>
    public async Task<int?> PurgeAsync(string target)
    {
        using var response = await SendAsync(HttpMethod.Delete, target);
        return response.IsSuccessStatusCode ? (await ReadAsync<Dictionary<string, int>>(response))["purged"] : null;
    }

    public async Task<ManagementPayload> PayloadAsync(string id)
    {
        using var response = await SendAsync(HttpMethod.Get, $"instances/{Uri.EscapeDataString(id)}/payload");
        return await ReadAsync<ManagementPayload>(response);
    }

    public async Task<InstancePage> QueryAsync(string query)
    {
        using var response = await SendAsync(HttpMethod.Get, $"instances?{query}");
        return await ReadAsync<InstancePage>(response);
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri($"durable/{target}", UriKind.Relative));
        if (body is not null)
            request.Content = JsonContent.Create(body, options: new System.Text.Json.JsonSerializerOptions());
        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {body}");
        return System.Text.Json.JsonSerializer.Deserialize<T>(body, System.Text.Json.JsonSerializerOptions.Web)!;
    }

    private async Task<HttpStatusCode> StatusAsync(HttpMethod method, string target, object? body = null)
    {
        using var response = await SendAsync(method, target, body);
        return response.StatusCode;
    }
}
