using System.Collections.Concurrent;
using System.Text;
using Azure.Messaging.EventHubs;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

/// <summary>Keeps what functions were run with.</summary>
public sealed class SeenEvents
{
    public ConcurrentQueue<(string Text, long Sequence)> Events { get; } = new();

    public ConcurrentQueue<IReadOnlyDictionary<string, object?>> BindingData { get; } = new();

    public ConcurrentQueue<int> Retries { get; } = new();

    /// <summary>What is done before the events count as seen.</summary>
    public Func<EventData[], CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public async Task RunAsync(EventData[] events, FunctionContext context)
    {
        BindingData.Enqueue(context.BindingContext.BindingData);
        Retries.Enqueue(context.RetryContext?.RetryCount ?? -1);
        await Before(events, context.CancellationToken);
        foreach (var seen in events)
        {
            Events.Enqueue((Encoding.UTF8.GetString(seen.Body.Span), seen.SequenceNumber));
        }
    }

    /// <summary>Waits for the events of a key.</summary>
    public Task<IReadOnlyList<string>> WaitAsync(string key, int count) => WaitForAsync(() => Events.Select(e => e.Text).Where(t => t.StartsWith(key + ":", StringComparison.Ordinal)).ToList(), count);

    public static async Task<IReadOnlyList<T>> WaitForAsync<T>(Func<IReadOnlyList<T>> read, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var found = read();
            if (found.Count >= count)
            {
                return found;
            }

            await Task.Delay(20, limit.Token);
        }
    }
}
