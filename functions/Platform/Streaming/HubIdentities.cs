using System.Collections.Concurrent;

namespace DataPlatform.Streaming;

/// <summary>When hubs were created, as far as that is known for a while.</summary>
internal sealed class HubIdentities(IHubDirectory hubs, TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (DateTimeOffset Created, long At)> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="anew">Asks the hub, whatever is known.</param>
    public async ValueTask<DateTimeOffset> GetAsync(string hub, bool anew, CancellationToken cancellationToken)
    {
        if (!anew && _known.TryGetValue(hub, out var known) && clock.GetElapsedTime(known.At) < MaxAge)
            return known.Created;
        var at = clock.GetTimestamp();
        var created = await hubs.GetCreatedAsync(hub, cancellationToken);
        _known[hub] = (created, at);
        return created;
    }
}
