using System.Globalization;

namespace DataPlatform.Local.EventHubs.Client;

/// <summary>Sends to and receives from the hubs of one namespace, over one connection that is opened when it is needed, and anew when it is lost.</summary>
/// <remarks>All its methods can be called at the same time, and throw <see cref="HubException"/>.</remarks>
public sealed class HubClient(HubConnectionString address, TimeProvider? clock = null) : IAsyncDisposable
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private HubConnection? _connection;
    private bool _isDisposed;

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Sends events as one message to one partition. Returns when the hub has stored them: all or none.</summary>
    /// <param name="partitionKey">Events of one key go to one partition; null leaves the choice to the hub.</param>
    public async Task SendAsync(string hub, string? partitionKey, IReadOnlyList<SentEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
            return;
        var connection = await ConnectAsync(cancellationToken);
        try
        {
            await connection.SendAsync(hub, partitionKey, events, cancellationToken);
        }
        catch (HubException exception)
        {
            await DropAsync(connection, exception);
            throw;
        }
    }

    public async Task<HubProperties> GetPropertiesAsync(string hub, CancellationToken cancellationToken)
    {
        var map = await ReadAsync(hub, "com.microsoft:eventhub", null, cancellationToken);
        return new HubProperties((string)map["name"], Time(map["created_at"]), (string[])map["partition_ids"]);
    }

    public async Task<HubPartitionProperties> GetPartitionAsync(string hub, string partition, CancellationToken cancellationToken)
    {
        var map = await ReadAsync(hub, "com.microsoft:partition", partition, cancellationToken);
        return new HubPartitionProperties(
            partition,
            (bool)map["is_partition_empty"],
            Convert.ToInt64(map["begin_sequence_number"], CultureInfo.InvariantCulture),
            Convert.ToInt64(map["last_enqueued_sequence_number"], CultureInfo.InvariantCulture),
            (string)map["last_enqueued_offset"],
            Time(map["last_enqueued_time_utc"]));
    }

    /// <summary>Reads a partition from a position on.</summary>
    /// <param name="ownerLevel">A reader takes the partition over from those with the same or a lower level; null: as one of at most five without.</param>
    /// <param name="prefetch">The most events that are fetched before they are read.</param>
    public async Task<PartitionReceiver> ReceiveAsync(
        string hub, string consumerGroup, string partition, HubPosition from, long? ownerLevel, int prefetch, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken);
        try
        {
            var path = $"{hub}/ConsumerGroups/{consumerGroup}/Partitions/{partition}";
            var link = await connection.OpenReceiverAsync(hub, path, from.Filter, ownerLevel, cancellationToken);
            return new PartitionReceiver(link, path, prefetch, _clock);
        }
        catch (HubException exception)
        {
            await DropAsync(connection, exception);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _isDisposed = true;
            if (_connection is { } connection)
                await connection.DisposeAsync();
            _connection = null;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Amqp.Types.Map> ReadAsync(string hub, string type, string? partition, CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(cancellationToken);
        try
        {
            return await connection.ReadAsync(hub, type, partition, cancellationToken);
        }
        catch (HubException exception)
        {
            await DropAsync(connection, exception);
            throw;
        }
    }

    private async Task<HubConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _connection) is { IsClosed: false } open)
            return open;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is { IsClosed: false } connected)
                return connected;
            if (_connection is { } lost)
                await lost.DisposeAsync();
            _connection = null;
            _connection = await HubConnection.OpenAsync(address, Timeout, _clock, cancellationToken);
            return _connection;
        }
        finally
        {
            _gate.Release();
        }
    }

    // Whoever does not answer may be gone without having said so.
    private async Task DropAsync(HubConnection connection, HubException failure)
    {
        if (failure.Failure == HubFailure.NoAnswer && Interlocked.CompareExchange(ref _connection, null, connection) == connection)
            await connection.DisposeAsync();
    }

    private static DateTimeOffset Time(object value) => new(DateTime.SpecifyKind((DateTime)value, DateTimeKind.Utc));
}
