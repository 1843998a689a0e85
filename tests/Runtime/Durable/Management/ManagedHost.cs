using System.Net.Http.Headers;
using System.Text;
using DataPlatform.Local.Runtime.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

/// <summary>A host with orchestrations, and calls of its management API.</summary>
internal sealed class ManagedHost(TestHost host) : IAsyncDisposable
{
    public const string Root = "runtime/webhooks/durabletask";

    public TestHost Host => host;

    public HttpClient Http => host.Http;

    public DurableTaskClient Client => host.Get<DurableHost>().Client;

    public static async Task<ManagedHost> StartAsync(params string[] args) =>
        new(await TestHost.StartAsync([typeof(ManagedFunctions)], configure: null, args: args));

    public async Task<ManagedAnswer> CallAsync(
        string method, string target, string? body = null, string type = "application/json", params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), new Uri($"{Root}/{target}", UriKind.Relative));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, MediaTypeHeaderValue.Parse(type));
        foreach ((string name, string value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using HttpResponseMessage response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return new ManagedAnswer(
            response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers);
    }

    public Task<ManagedAnswer> GetAsync(string target) => CallAsync("GET", target);

    public Task<ManagedAnswer> PostAsync(string target, string? body = null) => CallAsync("POST", target, body);

    public async Task<string> StartAsync(string orchestrator, string id, object? input = null)
    {
        await Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, new StartOrchestrationOptions(id));
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        await Client.WaitForInstanceStartAsync(id, patience.Token);
        return id;
    }

    public async Task<OrchestrationMetadata> RunAsync(string orchestrator, string id, object? input = null) =>
        await EndAsync(await StartAsync(orchestrator, id, input));

    public async Task<OrchestrationMetadata> EndAsync(string id)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(30));
        return await Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();
}
