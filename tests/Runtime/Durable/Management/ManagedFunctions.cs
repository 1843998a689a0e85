using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable.Management;

/// <summary>Orchestrations to be managed over HTTP.</summary>
public static class ManagedFunctions
{
    [Function(nameof(Echo))]
    public static async Task<object?> Echo([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        context.SetCustomStatus(new { step = 1 });
        object? input = context.GetInput<object>();
        return await context.CallActivityAsync<object?>(nameof(Same), input);
    }

    [Function(nameof(Wait))]
    public static Task<object?> Wait([OrchestrationTrigger] TaskOrchestrationContext context) => context.WaitForExternalEvent<object?>("go");

    [Function(nameof(Broken))]
    public static async Task Broken([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
        await context.CallActivityAsync(nameof(Fail));
    }

    [Function(nameof(Same))]
    public static object? Same([ActivityTrigger] object? value) => value;

    [Function(nameof(Fail))]
    public static void Fail([ActivityTrigger] object? value) => throw new InvalidDataException($"no {value ?? "disk"}");

    [Function(nameof(Addresses))]
    public static string Addresses([ActivityTrigger] string id, [DurableClient] DurableTaskClient client) =>
        client.CreateHttpManagementPayload(id).StatusQueryGetUri!;

    [Function(nameof(AskAddresses))]
    public static Task<string> AskAddresses([OrchestrationTrigger] TaskOrchestrationContext context) =>
        context.CallActivityAsync<string>(nameof(Addresses), context.InstanceId);
}
