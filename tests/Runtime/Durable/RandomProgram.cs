using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Tests.Durable;

/// <summary>A small random orchestration: what it does, and what must come out.</summary>
internal sealed record RandomProgram(string Kind, int Value, RandomProgram[] Parts)
{
    private static readonly string[] Leaves = ["add", "fail", "retry", "timer", "event", "guid"];

    public static RandomProgram Create(Random random, int depth)
    {
        string kind = depth == 0 || random.Next(4) == 0 ? Leaves[random.Next(Leaves.Length)] : random.Next(4) switch
        {
            0 => "sequence",
            1 => "child",
            2 => "again",
            _ => "parallel",
        };
        int parts = kind switch { "sequence" or "parallel" => random.Next(1, 5), "child" or "again" => 1, _ => 0 };
        return new RandomProgram(kind, random.Next(1, 100), [.. Enumerable.Range(0, parts).Select(_ => Create(random, depth - 1))]);
    }

    public int Expected() => Kind switch
    {
        "timer" or "guid" => 0,
        "fail" => -Value,
        "sequence" or "parallel" or "child" or "again" => Value + Parts.Sum(part => part.Expected()),
        _ => Value,
    };

    public async Task<int> Run(TaskOrchestrationContext context, string path)
    {
        switch (Kind)
        {
            case "add":
                return await context.CallActivityAsync<int>("same", Value);
            case "fail":
                try
                {
                    return await context.CallActivityAsync<int>("fail", Value);
                }
                catch (TaskFailedException failed)
                {
                    return -int.Parse(failed.FailureDetails.ErrorMessage);
                }

            case "retry":
                return await context.CallActivityAsync<int>(
                    "flaky", new[] { $"{context.InstanceId}/{path}", $"{Value}" }, TaskOptions.FromRetryPolicy(new RetryPolicy(4, TimeSpan.FromMilliseconds(1))));
            case "timer":
                await context.CreateTimer(TimeSpan.FromMilliseconds(Value / 4), CancellationToken.None);
                return 0;
            case "event":
                Task<int> raised = context.WaitForExternalEvent<int>($"e{path}");
                await context.CallActivityAsync("raise", new[] { context.InstanceId, $"E{path}", $"{Value}" });
                return await raised;
            case "guid":
                return context.NewGuid() == context.NewGuid() ? 1 : 0;
            case "child":
                return Value + await context.CallSubOrchestratorAsync<int>("program", Parts[0]);
            case "again":
                return Value + await context.CallSubOrchestratorAsync<int>("again", new RandomProgram("first", 0, Parts));
            case "sequence":
                int sum = Value;
                for (int i = 0; i < Parts.Length; i++) sum += await Parts[i].Run(context, $"{path}{i}");
                return sum;
            default:
                return Value + (await Task.WhenAll(Parts.Select((part, i) => part.Run(context, $"{path}{i}")))).Sum();
        }
    }
}
