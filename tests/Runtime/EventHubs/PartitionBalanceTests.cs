using DataPlatform.Local.Runtime.EventHubs;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Local.Runtime.Tests.EventHubs;

public sealed class PartitionBalanceTests
{
    [Fact]
    public void Owners_that_come_and_go_end_in_balance_and_then_nothing_moves()
    {
        var cases = from partitions in Gen.Choose(1, 32)
                    from owners in Gen.Choose(1, 9)
                    from seed in Gen.Choose(0, int.MaxValue)
                    select (partitions, owners, seed);
        Prop.ForAll(cases.ToArbitrary(), given =>
        {
            var random = new Random(given.seed);
            string[] partitions = [.. Enumerable.Range(0, given.partitions).Select(i => $"{i}")];
            string[] owners = [.. Enumerable.Range(0, given.owners).Select(i => $"owner{i}")];

            // Whatever was before: parts with nobody, one with all, some uneven.
            var state = partitions.Where(_ => random.Next(3) > 0).ToDictionary(p => p, _ => owners[random.Next(random.Next(owners.Length) + 1)]);
            for (var round = 0; round < 40; round++)
            {
                foreach (var owner in owners)
                {
                    Turn(owner, partitions, state, random);
                }
            }

            Assert.Equal(given.partitions, state.Count);
            var counts = owners.Select(owner => state.Values.Count(o => o == owner)).ToList();
            Assert.True(counts.Max() - counts.Min() <= 1, string.Join(" ", counts));
            Assert.All(owners, owner => Assert.Empty(PartitionBalance.ToClaim(owner, partitions, Ownerships(state), random)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void One_alone_takes_all_at_once_and_the_second_takes_half_of_them()
    {
        string[] partitions = ["0", "1", "2", "3"];
        var state = new Dictionary<string, string>(StringComparer.Ordinal);
        Turn("a", partitions, state, new Random(1));
        Assert.Equal(4, state.Count);
        Turn("b", partitions, state, new Random(1));
        Assert.Equal(2, state.Values.Count(owner => owner == "b"));
    }

    private static void Turn(string owner, string[] partitions, Dictionary<string, string> state, Random random)
    {
        var claims = PartitionBalance.ToClaim(owner, partitions, Ownerships(state), random);
        Assert.Equal(claims.Count, claims.Distinct().Count());
        foreach (var claim in claims)
        {
            Assert.NotEqual(owner, state.GetValueOrDefault(claim));
            state[claim] = owner;
        }
    }

    private static List<Ownership> Ownerships(Dictionary<string, string> state) => [.. state.Select(pair => new Ownership(pair.Key, pair.Value, default, null))];
}
