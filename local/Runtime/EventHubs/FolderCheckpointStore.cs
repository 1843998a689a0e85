using System.Text.Json;

namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>The same in files, for a host without a storage account: processes that share the state folder share the partitions.</summary>
internal sealed class FolderCheckpointStore(string stateFolder, string space, string hub, string group, TimeProvider clock) : ICheckpointStore, IDisposable
{
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(20);
    private const int LockPolls = 500;

    private readonly SemaphoreSlim _gate = new(1, 1);

    private readonly string _folder = Path.Combine(
        stateFolder, "event-hubs", Uri.EscapeDataString(space).ToLowerInvariant(), Uri.EscapeDataString(hub).ToLowerInvariant(), Uri.EscapeDataString(group).ToLowerInvariant());

    public Task<IReadOnlyList<Ownership>> ListAsync(CancellationToken cancellationToken) => LockedAsync<IReadOnlyList<Ownership>>(
        () => [.. Directory.EnumerateFiles(_folder, "ownership-*.json").Select(Read<Ownership>).OfType<Ownership>()], cancellationToken);

    public Task<Ownership?> ClaimAsync(Ownership ownership, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            var file = FileOf("ownership", ownership.Partition);
            if (Read<Ownership>(file)?.Version != ownership.Version)
            {
                return null;
            }

            var claimed = ownership with { Changed = clock.GetUtcNow(), Version = Guid.NewGuid().ToString("N") };
            Write(file, claimed);
            return claimed;
        },
        cancellationToken);

    public Task<Checkpoint?> ReadAsync(string partition, CancellationToken cancellationToken) =>
        LockedAsync(() => Read<Checkpoint>(FileOf("checkpoint", partition)), cancellationToken);

    public Task WriteAsync(string partition, Checkpoint checkpoint, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            Write(FileOf("checkpoint", partition), checkpoint);
            return true;
        },
        cancellationToken);

    public void Dispose() => _gate.Dispose();

    private string FileOf(string what, string partition) => Path.Combine(_folder, $"{what}-{Uri.EscapeDataString(partition)}.json");

    private async Task<T> LockedAsync<T>(Func<T> act, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            Directory.CreateDirectory(_folder);
            using var held = await LockAsync(cancellationToken);
            return act();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        for (var polls = 0; ; polls++)
        {
            try
            {
                return new FileStream(Path.Combine(_folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (polls < LockPolls)
            {
                // Another process has it for a moment.
                await Task.Delay(LockPoll, cancellationToken);
            }
        }
    }

    // Files are replaced whole: one that cannot be read was cut by the end of the machine, and begins anew.
    private static T? Read<T>(string file)
        where T : class
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize<T>(File.ReadAllBytes(file)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write<T>(string file, T value)
    {
        var fresh = file + ".new";
        using (var stream = new FileStream(fresh, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(stream, value);
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, file, overwrite: true);
    }
}
