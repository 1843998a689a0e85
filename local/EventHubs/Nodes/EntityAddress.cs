namespace DataPlatform.Local.EventHubs.Nodes;

/// <summary>What a link's address names.</summary>
/// <param name="Hub">The event hub.</param>
/// <param name="ConsumerGroup">Where events are received from; null where they are sent to.</param>
/// <param name="Partition">Null when the hub chooses.</param>
internal sealed record EntityAddress(string Hub, string? ConsumerGroup, string? Partition)
{
    /// <summary>Reads <c>hub</c>, <c>hub/Partitions/n</c> or <c>hub/ConsumerGroups/g/Partitions/n</c>; some clients put a slash or the whole address before it.</summary>
    /// <returns>Null when it is none of them.</returns>
    public static EntityAddress? Parse(string address)
    {
        var path = address.Contains("://", StringComparison.Ordinal) ? Security.SharedAccessSignature.PathOf(address) : address.Trim('/');
        return path.Split('/') switch
        {
            [{ Length: > 0 } hub] => new EntityAddress(hub, null, null),
            [{ Length: > 0 } hub, var word, { Length: > 0 } partition] when Is(word, "Partitions") => new EntityAddress(hub, null, partition),
            [{ Length: > 0 } hub, var first, { Length: > 0 } group, var second, { Length: > 0 } partition] when Is(first, "ConsumerGroups") && Is(second, "Partitions") =>
                new EntityAddress(hub, group, partition),
            _ => null,
        };
    }

    /// <summary>As a path under the namespace, to look for in what a token covers.</summary>
    public string Path => (ConsumerGroup, Partition) switch
    {
        (null, null) => Hub,
        (null, _) => $"{Hub}/Partitions/{Partition}",
        _ => $"{Hub}/ConsumerGroups/{ConsumerGroup}/Partitions/{Partition}",
    };

    private static bool Is(string word, string expected) => word.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
