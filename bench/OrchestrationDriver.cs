using System.Diagnostics;
using System.Net.Http.Json;

namespace DataPlatform.Bench;

/// <summary>Sends the same work to either side over HTTP and checks what comes back. The answer comes when the orchestration has ended.</summary>
/// <param name="request">Makes the request for a kind of work (<c>fanOut</c> or <c>chain</c>) and its number.</param>
internal sealed class OrchestrationDriver(HttpClient client, Func<string, int, HttpRequestMessage> request)
{
    private const int ChainLength = 3;

    /// <summary>One orchestration with many activities at once.</summary>
    public async Task<MeasuredRound> FanOutAsync(int activities)
    {
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long[][] stamps = [];
        var seconds = await Stopwatches.SecondsAsync(async () => stamps = await SendAsync<long[][]>("fanOut", activities));
        if (!stamps.Select(stamp => stamp[0]).SequenceEqual(Enumerable.Range(0, activities).Select(i => (long)i)))
            throw new InvalidOperationException($"The fan-out answered for {stamps.Length} activities, not for each of {activities} once.");
        return new MeasuredRound(activities / seconds, [.. stamps.Select(stamp => (double)(stamp[1] - began))]);
    }

    /// <summary>Many orchestrations at once, each a chain of three activities.</summary>
    public async Task<MeasuredRound> ChainsAsync(int orchestrations)
    {
        double[] latencies = [];
        var seconds = await Stopwatches.SecondsAsync(async () => latencies = await Task.WhenAll(Enumerable.Range(0, orchestrations).Select(ChainAsync)));
        return new MeasuredRound(orchestrations / seconds, latencies);
    }

    private async Task<double> ChainAsync(int number)
    {
        var began = Stopwatch.GetTimestamp();
        var result = await SendAsync<int>("chain", number);
        if (result != number + ChainLength)
            throw new InvalidOperationException($"A chain from {number} answered {result}.");
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private async Task<T> SendAsync<T>(string work, int number)
    {
        using var message = request(work, number);
        using var answer = await client.SendAsync(message);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{message.RequestUri} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return (await answer.Content.ReadFromJsonAsync<T>())!;
    }
}
