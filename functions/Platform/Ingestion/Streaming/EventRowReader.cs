using System.Buffers;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Streaming;

/// <summary>Reads events that are in memory, while what is kept of them passes by on its way to the raw zone.</summary>
/// <param name="offsets">Where each event begins in what is kept.</param>
/// <param name="fates">Takes what becomes of each.</param>
internal sealed class EventRowReader(
    Stream content, string partition, IReadOnlyList<EventRow> rows, IReadOnlyList<long> offsets, EventFate[] fates, IngestionLimits limits) : RowReader
{
    private const int DrainSize = 64 << 10;

    private readonly EventRowParser _parser = new(partition, limits);
    private Task? _draining;
    private int _next;

    public override async ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        if (_draining is null)
        {
            _draining = DrainAsync(cancellationToken);
            _parser.Start(rows);
        }

        ReadRows(rows);
        if (_next < fates.Length)
            return true;
        await _draining;
        return false;
    }

    private void ReadRows(RowCollector collector)
    {
        for (; _next < rows.Count && !collector.IsFull; _next++)
        {
            var (quarantined, duplicates, discarded) = (collector.Quarantined, collector.Duplicates, collector.Discarded);
            _parser.Read(collector, rows[_next], _next + 1, offsets[_next]);
            fates[_next] = collector.Quarantined > quarantined ? EventFate.Quarantined
                : collector.Duplicates > duplicates ? EventFate.Duplicate
                : collector.Discarded > discarded ? EventFate.Discarded
                : EventFate.Loaded;
        }
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(DrainSize);
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken) > 0)
            {
                // To its end.
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
