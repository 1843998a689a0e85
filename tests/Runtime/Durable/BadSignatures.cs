using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Tests.Durable;

public sealed class BadSignatures
{
    [Function("Text")]
    public static Task Text([OrchestrationTrigger] string state) => Task.FromResult(state);

    [Function("Client")]
    public static Task Client([OrchestrationTrigger] TaskOrchestrationContext context, [DurableClient] DurableTaskClient client) =>
        Task.FromResult((context, client));

    [Function("Twin")]
    public static Task Twin([OrchestrationTrigger(Orchestration = "Client")] TaskOrchestrationContext context) => Task.FromResult(context);
}
