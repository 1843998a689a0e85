using System.Collections.Concurrent;
using System.Threading.Channels;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Values;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Encodes a batch's blocks into data files while the next ones are parsed. Each encoder has files of its own; another encoder
/// starts only when blocks have to wait. Memory is bounded by the blocks under way.</summary>
/// <param name="prefix">Starts the names of the files.</param>
/// <param name="keys">Takes the keys of a file's rows, when it is complete; null when they are not kept.</param>
internal sealed class PartPipeline(
    IObjectStore objects, LakePath table, string prefix, string batch, DateTimeOffset ingestedAt, IngestionLimits limits,
    Func<DataFile, IReadOnlyList<UInt128[]>, CancellationToken, Task>? keys = null) : IAsyncDisposable
{
    private readonly Channel<RowBlock> _blocks = Channel.CreateBounded<RowBlock>(1);
    private readonly ConcurrentBag<RowBlock> _used = [];
    private readonly ConcurrentBag<PartKeys> _files = [];
    private readonly List<Task> _encoders = [];
    private readonly CancellationTokenSource _stop = new();
    private int _names;

    /// <summary>Hands a block over; waits while all encoders are busy.</summary>
    /// <returns>A used block to fill again, or null.</returns>
    public async ValueTask<RowBlock?> WriteAsync(RowBlock block, CancellationToken cancellationToken)
    {
        if (_encoders.Count == 0)
            _encoders.Add(Task.Run(EncodeAsync, CancellationToken.None));
        while (!_blocks.Writer.TryWrite(block))
        {
            if (_encoders.Count < limits.Encoders)
                _encoders.Add(Task.Run(EncodeAsync, CancellationToken.None));
            if (!await _blocks.Writer.WaitToWriteAsync(cancellationToken))
                await Task.WhenAll(_encoders);
        }

        return _used.TryTake(out var used) ? used : null;
    }

    /// <returns>The files, all complete, with their rows' keys where they are kept.</returns>
    public async Task<IReadOnlyList<PartKeys>> CompleteAsync()
    {
        _blocks.Writer.TryComplete();
        await Task.WhenAll(_encoders);
        return [.. _files.OrderBy(part => part.File.Path, StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _blocks.Writer.TryComplete();
        foreach (var encoder in _encoders)
            await encoder.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        while (_blocks.Reader.TryRead(out var block))
            block.Dispose();
        foreach (var block in _used)
            block.Dispose();
        _stop.Dispose();
    }

    private async Task EncodeAsync()
    {
        PartWriter? part = null;
        List<List<UInt128>> partKeys = [];
        try
        {
            await foreach (var block in _blocks.Reader.ReadAllAsync(_stop.Token))
            {
                using var returned = new Return(_used, block);
                if (part is not null && (part.Length >= limits.FileBytes || (partKeys.Count > 0 && partKeys[0].Count >= limits.FileKeys) || !part.Columns.SequenceEqual(block.Columns)))
                {
                    await CompleteAsync(part, partKeys);
                    await part.DisposeAsync();
                    part = null;
                }

                part ??= await PartWriter.OpenAsync(
                    objects, table, $"{prefix}-{Interlocked.Increment(ref _names):D4}.parquet", block, ingestedAt, _stop.Token);
                await part.WriteAsync(block, [new BatchRows(batch, block.Rows)], _stop.Token);
                for (var key = 0; key < block.Keys?.Count; key++)
                {
                    if (key == partKeys.Count)
                        partKeys.Add([]);
                    partKeys[key].AddRange(block.Keys[key]);
                }
            }

            if (part is not null)
                await CompleteAsync(part, partKeys);
        }
        catch (Exception failure)
        {
            // The parser meets the failure when it hands over the next block, or at the end.
            _blocks.Writer.TryComplete(failure);
            throw;
        }
        finally
        {
            if (part is not null)
                await part.DisposeAsync();
        }
    }

    /// <summary>Completes a file and starts the next one's keys.</summary>
    private async Task CompleteAsync(PartWriter part, List<List<UInt128>> partKeys)
    {
        var file = await part.CompleteAsync(_stop.Token);
        UInt128[][] hashes = [.. partKeys.Select(of => of.Order().ToArray())];
        partKeys.Clear();
        if (keys is not null)
            await keys(file, hashes, _stop.Token);
        _files.Add(new PartKeys(file, hashes));
    }

    private readonly struct Return(ConcurrentBag<RowBlock> used, RowBlock block) : IDisposable
    {
        public void Dispose() => used.Add(block);
    }
}
