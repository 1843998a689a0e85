using System.Collections.Immutable;
using DataPlatform.Local.EventHubs.Configuration;
using DataPlatform.Local.EventHubs.Storage;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>The event hubs of a folder. One process at a time: it locks the folder.</summary>
internal sealed class EventHubNamespace : IDisposable
{
    private static readonly TimeSpan RetentionEvery = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;
    private readonly ITimer _retention;

    private EventHubNamespace(string name, ImmutableArray<EventHub> hubs, FileStream folderLock, TimeProvider clock)
    {
        Name = name;
        Hubs = hubs;
        _lock = folderLock;
        _retention = clock.CreateTimer(_ => RemoveExpired(), null, RetentionEvery, RetentionEvery);
    }

    public string Name { get; }

    public ImmutableArray<EventHub> Hubs { get; }

    /// <exception cref="IOException">Another process has the folder.</exception>
    /// <exception cref="InvalidDataException">A hub's folder does not fit the configuration, or is damaged.</exception>
    public static EventHubNamespace Open(string folder, NamespaceConfiguration configuration, PartitionLogOptions options, TimeProvider clock, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        var folderLock = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var hubs = ImmutableArray.CreateBuilder<EventHub>();
        try
        {
            foreach (var hub in configuration.EventHubs)
                hubs.Add(EventHub.Open(Path.Combine(folder, hub.Name.ToLowerInvariant()), hub, options, clock, logger));
            return new EventHubNamespace(configuration.Name, hubs.ToImmutable(), folderLock, clock);
        }
        catch
        {
            foreach (var hub in hubs)
                hub.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Null when there is none of this name, whatever its case.</summary>
    public EventHub? Find(string name) => Hubs.FirstOrDefault(hub => hub.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public void Dispose()
    {
        _retention.Dispose();
        foreach (var hub in Hubs)
            hub.Dispose();
        _lock.Dispose();
    }

    private void RemoveExpired()
    {
        foreach (var partition in Hubs.SelectMany(hub => hub.Partitions))
            partition.Log.RemoveExpired();
    }
}
