namespace DataPlatform.Conformance.Tests;

/// <summary>Asks again until the answer is as wanted. Official hosts poll queues, so some answers come seconds late.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<T> WaitAsync<T>(Func<Task<T>> ask, Func<T, bool> until, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (until(answer))
                return answer;
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, $"Within {Limit.TotalSeconds} s there was no {what}. Last: {answer}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
