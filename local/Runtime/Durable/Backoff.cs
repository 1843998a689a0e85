namespace DataPlatform.Local.Runtime.Durable;

/// <summary>How long work that goes wrong in the engine or kills its process waits for another try.</summary>
internal static class Backoff
{
    /// <summary>SQL, in ticks: by chance up to 2 s after the third death (the column counts two before), doubling up to 5 minutes.</summary>
    public const string AfterDeaths = "(random() & 0x7fffffff) % (10000000 * min(300, 1 << min(deaths - 1, 10)))";

    /// <summary>
    /// As many deaths count for all that the process had to do. Further ones count only for what was begun, which is written down
    /// from then on: innocent work that waits in line is not failed for its neighbours.
    /// </summary>
    public const int FreeDeaths = 2;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>After a turn that failed in the engine: 1 s, doubling up to 5 minutes.</summary>
    public static TimeSpan AfterFailure(int attempts)
    {
        TimeSpan delay = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(attempts - 1, 10)));
        return delay < Longest ? delay : Longest;
    }
}
