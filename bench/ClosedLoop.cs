using System.Diagnostics;

namespace DataPlatform.Bench;

/// <summary>Clients that send one request after another, each as soon as it has the answer to its last.</summary>
internal static class ClosedLoop
{
    /// <param name="clients">Each sends one request when called.</param>
    public static async Task<MeasuredRound> RunAsync(IReadOnlyList<Func<Task>> clients, TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(clients.Select(send => Task.Run(async () =>
        {
            var own = new List<double>();
            while (Stopwatch.GetElapsedTime(began) < time)
            {
                var sent = Stopwatch.GetTimestamp();
                await send();
                own.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return own;
        })));
        double[] all = [.. latencies.SelectMany(own => own)];
        return new MeasuredRound(all.Length / Stopwatch.GetElapsedTime(began).TotalSeconds, all);
    }
}
