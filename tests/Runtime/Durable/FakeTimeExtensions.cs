using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Local.Runtime.Tests.Durable;

internal static class FakeTimeExtensions
{
    /// <summary>Moves the clock on in steps until an instance has ended, leaving real time for the work between.</summary>
    public static async Task<OrchestrationMetadata> AdvanceUntilEnded(this FakeTimeProvider time, Harness host, string id, TimeSpan step)
    {
        for (int i = 0; i < 3000; i++)
        {
            for (int pause = 0; pause < 8; pause++)
            {
                if (await host.Client.GetInstanceAsync(id, getInputsAndOutputs: true) is { IsCompleted: true } ended) return ended;
                await Task.Delay(2);
            }

            time.Advance(step);
        }

        throw new TimeoutException($"{id} did not end.");
    }
}
