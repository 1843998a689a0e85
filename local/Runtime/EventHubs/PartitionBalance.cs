namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Decides which partitions an owner takes, so that all owners come to have equally many. The same rule as the official clients', since they may
/// share a consumer group: each has the least number or one more, what nobody has goes first, and is taken at once.</summary>
internal static class PartitionBalance
{
    /// <param name="active">Who has which partition now, without those who have given it back or gone silent.</param>
    /// <returns>The partitions to claim; none when the owners are in balance, or it is for others to take more.</returns>
    public static IReadOnlyList<string> ToClaim(string owner, IReadOnlyList<string> partitions, IReadOnlyCollection<Ownership> active, Random random)
    {
        var byOwner = active.GroupBy(ownership => ownership.Owner, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Select(ownership => ownership.Partition).ToList(), StringComparer.Ordinal);
        var own = byOwner.TryGetValue(owner, out var mine) ? mine.Count : 0;
        byOwner.TryAdd(owner, []);

        var least = partitions.Count / byOwner.Count;
        var ownersWithOneMore = partitions.Count % byOwner.Count;
        var haveMore = byOwner.Values.Count(list => list.Count > least);
        var target = least + (ownersWithOneMore > 0 && (haveMore < ownersWithOneMore) ? 1 : 0);
        var wanted = target - own;
        if (wanted <= 0)
        {
            return [];
        }

        var taken = active.Select(ownership => ownership.Partition).ToHashSet(StringComparer.Ordinal);
        string[] free = [.. partitions.Where(partition => !taken.Contains(partition))];
        random.Shuffle(free);
        var claims = free.Take(wanted).ToList();
        claims.AddRange(ToSteal(owner, wanted - claims.Count, least, ownersWithOneMore, byOwner, random));
        return claims;
    }

    private static IEnumerable<string> ToSteal(
        string owner, int wanted, int least, int ownersWithOneMore, Dictionary<string, List<string>> byOwner, Random random)
    {
        var richest = byOwner.Where(pair => pair.Key != owner && pair.Value.Count > least).OrderByDescending(pair => pair.Value.Count);
        foreach (var (index, list) in richest.Select(pair => pair.Value).Index())
        {
            var keeps = least + (index < ownersWithOneMore ? 1 : 0);
            string[] stolen = [.. list];
            random.Shuffle(stolen);
            foreach (var partition in stolen.Take(Math.Max(0, Math.Min(wanted, list.Count - keeps))))
            {
                wanted--;
                yield return partition;
            }
        }
    }
}
