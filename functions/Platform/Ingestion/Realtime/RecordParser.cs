using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>Reads the bodies of a group into one block. Made once for a definition version, then used for group after group.</summary>
internal sealed class RecordParser(ContractPlan plan, long version, IReadOnlyList<TableColumn> existing, IngestionLimits limits) : IDisposable
{
    private readonly JsonRowParser _parser = new(limits);

    /// <summary>The definition's.</summary>
    public long Version { get; } = version;

    /// <summary>The table's columns that it was made with.</summary>
    public IReadOnlyList<TableColumn> Existing { get; } = existing;

    public DatasetDefinition Definition { get; } = plan.Definition;

    public RowCollector Rows { get; } = new(plan, existing, limits);

    /// <summary>Something of a body that was given up is left: it is not to be used any more.</summary>
    public bool IsSpoilt { get; private set; }

    /// <summary>Reads a body behind those before.</summary>
    /// <returns>False when the body is not for a group; then nothing of it is left in the block.</returns>
    public async ValueTask<bool> TryReadAsync(PendingRecords pending)
    {
        Rows.BeginBatch();
        var columns = Rows.Slots.Count;
        try
        {
            await using var body = pending.Body.OpenRead();
            using RowReader reader = pending.Media.Format == BatchFormat.Json
                ? new JsonRowReader(body, limits, _parser)
                : new NdjsonRowReader(body, limits, _parser);
            var more = true;
            while (more && !Rows.IsFull && Rows.Received <= RecordLimits.MaxRows)
                more = await reader.ReadAsync(Rows, CancellationToken.None);
            if (!more && !Rows.IsFull && Rows.Received <= RecordLimits.MaxRows)
                return true;
        }
        catch (TerminalException)
        {
            // It fails again where it goes alone, and is answered there.
        }
        catch (Exception)
        {
            // A body that finds a defect must not take its neighbours with it; alone, it meets the defect again.
            IsSpoilt = true;
            return false;
        }

        IsSpoilt = Rows.Slots.Count > columns;
        Rows.TakeBackBatch();
        return false;
    }

    /// <summary>Makes ready for the next group.</summary>
    public void Clear() => Rows.AttachBlock(Rows.DetachBlock());

    public void Dispose() => Rows.Dispose();
}
