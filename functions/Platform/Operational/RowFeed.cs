using System.Collections.Concurrent;

namespace DataPlatform.Operational;

/// <summary>Gathers rows by partition and writes them in chunks, several at a time. Memory is bounded by the chunks under way.</summary>
internal sealed class RowFeed(OperationalRows rows, string dataset, CancellationToken cancellationToken) : IDisposable
{
    private const int ChunkRows = 100;
    private const int ChunkCharacters = 128 << 10;
    private const int Writers = 8;

    private readonly (List<(string Id, OperationalRow Row)> Rows, int Length)[] _chunks = new (List<(string, OperationalRow)>, int)[OperationalKey.Partitions];
    private readonly SemaphoreSlim _turns = new(Writers);
    private readonly ConcurrentQueue<Exception> _failures = new();
    private volatile bool _expectNew = true;
    private int _stopped;

    public async Task AddAsync(OperationalKey key, OperationalRow row)
    {
        ref var chunk = ref _chunks[key.Partition];
        chunk.Rows ??= [];
        chunk.Rows.Add((key.Id, row));
        chunk.Length += row.Values is { } values ? values.GetRawText().Length : 0;
        if (chunk.Rows.Count < ChunkRows && chunk.Length < ChunkCharacters)
            return;
        var full = chunk.Rows;
        chunk = default;
        await StartAsync(key.Partition, full);
    }

    /// <summary>Call it when nothing is under way any more.</summary>
    public void Dispose() => _turns.Dispose();

    /// <summary>Writes what is left.</summary>
    public async Task CompleteAsync()
    {
        for (var partition = 0; partition < _chunks.Length; partition++)
        {
            if (_chunks[partition].Rows is { } left)
                await StartAsync(partition, left);
        }

        await StopAsync();
        if (_failures.TryDequeue(out var failure))
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Waits until all that was begun is done. Nothing can be added after.</summary>
    public async Task StopAsync()
    {
        for (; _stopped < Writers; _stopped++)
            await _turns.WaitAsync(CancellationToken.None);
    }

    private async Task StartAsync(int partition, List<(string Id, OperationalRow Row)> chunk)
    {
        await _turns.WaitAsync(cancellationToken);
        if (!_failures.IsEmpty)
        {
            _turns.Release();
            return; // told at the end
        }

        _ = Task.Run(
            async () =>
            {
                try
                {
                    _expectNew = await rows.UpsertAsync(dataset, partition, chunk, _expectNew, cancellationToken);
                }
                catch (Exception failure)
                {
                    _failures.Enqueue(failure);
                }
                finally
                {
                    _turns.Release();
                }
            },
            CancellationToken.None);
    }
}
