using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Reads a body's rows as ingestion would and keeps none: what one step brought is gone with the next, so memory does not grow.</summary>
internal sealed class RowScan : IAsyncDisposable
{
    private readonly BodyReader _reader;

    /// <param name="existing">The columns of the dataset's table.</param>
    public RowScan(
        ContractPlan plan, IReadOnlyList<TableColumn> existing, BatchMedia media, Stream body, ScratchFolder scratch, IngestionLimits limits)
    {
        Rows = new RowCollector(plan, existing, limits);
        try
        {
            _reader = new BodyReader(media, plan.Definition, body, scratch, limits);
        }
        catch
        {
            Rows.Dispose();
            throw;
        }
    }

    /// <summary>With the rows of the newest step in its block and its quarantine.</summary>
    public RowCollector Rows { get; }

    /// <returns>False when the body has ended; there may be rows all the same.</returns>
    /// <exception cref="Failures.TerminalException">The body as a whole is refused.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Rows.Block.Rows > 0)
            Rows.AttachBlock(Rows.DetachBlock());
        Rows.Quarantine.Clear();
        Rows.RedactedRows.ResetWrittenCount();
        return await _reader.ReadAsync(Rows, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        Rows.Dispose();
    }
}
