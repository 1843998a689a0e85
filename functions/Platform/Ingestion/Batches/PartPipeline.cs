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
/// <param name="division">The columns that the table's files are divided by. Files of rows of many partitions come out undivided.</param>
/// <param name="keys">Takes the keys of a file's rows, when it is complete; null when they are not kept.</param>
internal sealed class PartPipeline(
    IObjectStore objects, LakePath table, string prefix, string batch, DateTimeOffset ingestedAt, IngestionLimits limits,
    IReadOnlyList<string> division, Func<DataFile, IReadOnlyList<UInt128[]>, CancellationToken, Task>? keys = null) : IAsyncDisposable
{
    private const int MostOpen = 8;

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
        List<OpenPart> open = [];
        try
        {
            await foreach (var block in _blocks.Reader.ReadAllAsync(_stop.Token))
            {
                using var returned = new Return(_used, block);
                await EncodeAsync(block, open);
            }

            while (open.Count > 0)
                await CloseAsync(open, open[0]);
        }
        catch (Exception failure)
        {
            // The parser meets the failure when it hands over the next block, or at the end.
            _blocks.Writer.TryComplete(failure);
            throw;
        }
        finally
        {
            foreach (var part in open)
                await part.DisposeAsync();
        }
    }

    /// <summary>Rows of few partitions go to their files at once. Those of many would make small files, or keep too many open: they are divided when
    /// all rows are there.</summary>
    /// <param name="open">The encoder's files, that which was written last at the end.</param>
    private async Task EncodeAsync(RowBlock block, List<OpenPart> open)
    {
        IReadOnlyList<BatchRows> rows = [new BatchRows(batch, block.Rows)];
        var parts = BlockDivision.TryDivide(block, rows, division, MostOpen) ?? [new BlockPart(DataFile.NoPartition, block, rows)];
        try
        {
            foreach (var part in parts)
                await WriteAsync(part, open);
        }
        finally
        {
            foreach (var part in parts.Where(part => part.Block != block))
                part.Block.Dispose();
        }
    }

    private async Task WriteAsync(BlockPart rows, List<OpenPart> open)
    {
        var part = open.Find(part => part.IsOf(rows.Partition));
        if (part is not null && part.IsFull(rows.Block, limits))
        {
            await CloseAsync(open, part);
            part = null;
        }

        if (part is null)
        {
            if (open.Count == MostOpen)
                await CloseAsync(open, open[0]);
            var name = $"{prefix}-{Interlocked.Increment(ref _names):D4}.parquet";
            part = new OpenPart(await PartWriter.OpenAsync(objects, table, name, rows, ingestedAt, _stop.Token), rows.Partition);
        }
        else
        {
            open.Remove(part);
        }

        open.Add(part);
        await part.WriteAsync(rows, _stop.Token);
    }

    private async Task CloseAsync(List<OpenPart> open, OpenPart part)
    {
        var file = await part.Writer.CompleteAsync(_stop.Token);
        open.Remove(part);
        await part.DisposeAsync();
        var hashes = part.Hashes;
        if (keys is not null)
            await keys(file, hashes, _stop.Token);
        _files.Add(new PartKeys(file, hashes));
    }

    private readonly struct Return(ConcurrentBag<RowBlock> used, RowBlock block) : IDisposable
    {
        public void Dispose() => used.Add(block);
    }
}
