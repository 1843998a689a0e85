using DataPlatform.Local.Runtime.Durable;
using DataPlatform.Local.Runtime.Tests.Durable;

namespace DataPlatform.Local.Runtime.Tests.Faults;

/// <summary>Two hosts on one SQLite store.</summary>
public sealed class TwoProcessTests(ITestOutputHelper output)
{
    private const int Activities = 200;
    private const int Children = 60;

    // Few at a time, so that there is something left for the other one.
    private const string Settings = """{"maxConcurrentActivityFunctions":4,"maxConcurrentOrchestratorFunctions":4}""";

    [Fact]
    public async Task Both_take_their_share_and_no_instance_ever_has_two_owners()
    {
        await using FaultCluster cluster = new(Settings);
        FaultHost[] hosts = [await cluster.Start(), await cluster.Start()];
        await cluster.StartInstance(FaultOrchestrators.Fan, "fan", Activities);
        Assert.Equal(await cluster.Result("fan"), Check(cluster, "fan", Activities));
        await cluster.StartInstance(FaultOrchestrators.Family, "family", Children);
        Assert.Equal(await cluster.Result("family"), Check(cluster, "family", 2 * Children));

        List<TurnInterval> turns = cluster.ReadTurns();
        foreach (FaultHost host in hosts)
        {
            long activities = cluster.Effects.OfProcess(host.ProcessId, "fan");
            int instances = turns.Where(turn => turn.Process == host.ProcessId).Select(turn => turn.Instance).Distinct().Count();
            output.WriteLine($"process {host.ProcessId}: {activities} activities of the fan-out, turns of {instances} instances");
            Assert.InRange(activities, Activities / 5, Activities);
            Assert.InRange(instances, Children / 5, Children + 2);
        }

        TurnInterval.AssertApart(turns);
        AssertNoTurnInVain(cluster, turns);
        Assert.Equal(0, cluster.Effects.CountRepeats());
    }

    [Fact]
    public async Task When_one_is_killed_in_the_middle_the_other_one_finishes_everything()
    {
        await using FaultCluster cluster = new(Settings);
        FaultHost[] hosts = [await cluster.Start(), await cluster.Start()];
        await cluster.StartInstance(FaultOrchestrators.Fan, "fan", Activities);
        await cluster.StartInstance(FaultOrchestrators.Family, "family", Children);
        await Wait.Until(() => hosts.All(host => cluster.Effects.OfProcess(host.ProcessId, "fan") >= 10));

        await cluster.Kill(hosts[0]);

        Assert.Equal(await cluster.Result("fan"), Check(cluster, "fan", Activities));
        Assert.Equal(await cluster.Result("family"), Check(cluster, "family", 2 * Children));
        TurnInterval.AssertApart(cluster.ReadTurns());
        output.WriteLine(
            $"The killed one had {cluster.Effects.OfProcess(hosts[0].ProcessId, "fan")} of {Activities} activities; {cluster.Effects.CountRepeats()} ran again.");
    }

    /// <returns>The sum of an instance's effects, which are as many as expected.</returns>
    private static long Check(FaultCluster cluster, string id, int effects)
    {
        (long count, long sum) = cluster.Effects.Of(id);
        Assert.Equal(effects, count);
        return sum;
    }

    /// <summary>A turn that two processes take is stored once: then more turns are played than the histories hold.</summary>
    private static void AssertNoTurnInVain(FaultCluster cluster, List<TurnInterval> turns)
    {
        using SqliteSession session = new(cluster.StorePath);
        foreach (IGrouping<string, TurnInterval> instance in turns.GroupBy(turn => turn.Instance))
        {
            int stored = HistoryTable.Read(session, instance.Key).Count(step => step.Kind == HistoryEventKind.TurnStarted);
            Assert.Equal((instance.Key, stored), (instance.Key, instance.Count()));
        }
    }
}
