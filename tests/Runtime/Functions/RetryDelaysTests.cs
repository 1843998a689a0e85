using DataPlatform.Local.Runtime.Functions;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.Local.Runtime.Tests.Functions;

public sealed class RetryDelaysTests
{
    [Fact]
    public void Fixed_waits_are_all_the_same()
    {
        var delays = new RetryDelays(new FixedDelayRetryAttribute(-1, "00:00:07"));
        Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(TimeSpan.FromSeconds(7), delays.Next()));
    }

    [Fact]
    public void Backoff_begins_with_the_minimum_grows_by_spread_steps_and_stays_at_the_maximum()
    {
        for (var round = 0; round < 100; round++)
        {
            var delays = new RetryDelays(new ExponentialBackoffRetryAttribute(-1, "00:00:10", "00:02:00"));
            Assert.Equal(10, delays.Next().TotalSeconds);
            Assert.InRange(delays.Next().TotalSeconds, 18, 22); // 10 + 10 ± a fifth
            Assert.InRange(delays.Next().TotalSeconds, 26, 34); // 10 + 20 ± a fifth
            Assert.InRange(delays.Next().TotalSeconds, 42, 58);
            Assert.InRange(delays.Next().TotalSeconds, 74, 106);
            Assert.All(Enumerable.Range(0, 5), _ => Assert.Equal(120, delays.Next().TotalSeconds));
        }
    }
}
