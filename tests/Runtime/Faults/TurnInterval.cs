namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>A turn of an instance in a process.</summary>
internal sealed record TurnInterval(string Instance, int Process, long Begin, long End)
{
    /// <summary>Fails when an instance was in two turns at a time.</summary>
    public static void AssertApart(IEnumerable<TurnInterval> turns)
    {
        foreach (IGrouping<string, TurnInterval> instance in turns.GroupBy(turn => turn.Instance))
        {
            TurnInterval? before = null;
            foreach (TurnInterval turn in instance.OrderBy(turn => turn.Begin))
            {
                Assert.True(before is null || before.End <= turn.Begin, $"{turn.Instance} was in two turns at once: {before} and {turn}");
                before = turn;
            }
        }
    }
}
