using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using DataPlatform.Local.EventHubs.Configuration;
using DataPlatform.Local.EventHubs.Storage;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>An event hub: partitions in folders beside a note of when it was created.</summary>
internal sealed class EventHub : IDisposable
{
    private const string NoteName = "hub.json";

    private readonly ImmutableArray<string> _consumerGroups;
    private int _next;

    private EventHub(EventHubConfiguration configuration, DateTimeOffset created, ImmutableArray<HubPartition> partitions)
    {
        Name = configuration.Name;
        Created = created;
        Partitions = partitions;
        _consumerGroups = [EventHubConfiguration.DefaultConsumerGroup, .. configuration.ConsumerGroups];
    }

    public string Name { get; }

    /// <summary>When it was first started with its folder; another value means other sequence numbers.</summary>
    public DateTimeOffset Created { get; }

    public ImmutableArray<HubPartition> Partitions { get; }

    /// <exception cref="InvalidDataException">The folder is of a hub with another number of partitions, or damaged.</exception>
    public static EventHub Open(string folder, EventHubConfiguration configuration, PartitionLogOptions options, TimeProvider clock, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        var note = ReadOrWriteNote(folder, configuration, clock);
        if (note.PartitionCount != configuration.PartitionCount)
        {
            throw new InvalidDataException(
                $"The event hub {configuration.Name} in {folder} has {note.PartitionCount} partitions, the configuration says {configuration.PartitionCount}. Partitions cannot change: set it back, or delete the folder.");
        }

        var partitions = ImmutableArray.CreateBuilder<HubPartition>();
        try
        {
            for (var i = 0; i < configuration.PartitionCount; i++)
            {
                var id = i.ToString(CultureInfo.InvariantCulture);
                partitions.Add(new HubPartition(id, PartitionLog.Open(Path.Combine(folder, id), options, clock, logger)));
            }
        }
        catch
        {
            foreach (var partition in partitions)
                partition.Dispose();
            throw;
        }

        return new EventHub(configuration, note.Created, partitions.ToImmutable());
    }

    public bool HasConsumerGroup(string name) => _consumerGroups.Contains(name, StringComparer.OrdinalIgnoreCase);

    public HubPartition? FindPartition(string id) => Partitions.FirstOrDefault(partition => partition.Id == id);

    /// <summary>The partition for events that name none: by their key, else one after the other.</summary>
    public HubPartition Choose(string? partitionKey) => partitionKey is null
        ? Partitions[(int)((uint)Interlocked.Increment(ref _next) % (uint)Partitions.Length)]
        : Partitions[PartitionKeys.Partition(partitionKey, Partitions.Length)];

    public void Dispose()
    {
        foreach (var partition in Partitions)
            partition.Dispose();
    }

    private static HubNote ReadOrWriteNote(string folder, EventHubConfiguration configuration, TimeProvider clock)
    {
        var path = Path.Combine(folder, NoteName);
        if (File.Exists(path))
        {
            return JsonSerializer.Deserialize<HubNote>(File.ReadAllText(path), JsonSerializerOptions.Web)
                ?? throw new InvalidDataException($"The file {path} is empty: the event hub's folder is damaged.");
        }

        var note = new HubNote(DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()), configuration.PartitionCount);
        var temporary = path + ".new";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(note, JsonSerializerOptions.Web), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        FolderSync.Sync(folder);
        return note;
    }
}
