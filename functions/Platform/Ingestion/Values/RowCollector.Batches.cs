namespace DataPlatform.Ingestion.Values;

/// <content>Several batches in one block, one behind the other.</content>
internal sealed partial class RowCollector
{
    private int _before;

    /// <summary>Starts a batch behind the rows that the block has: numbers, counts, keys and warnings begin anew.</summary>
    public void BeginBatch()
    {
        _before = Block.Rows;
        (Received, Accepted, Quarantined, Discarded, Duplicates) = (0, 0, 0, 0, 0);
        _stage?.Restart();
    }

    /// <summary>Takes back all that the batch has put, also an unfinished row. Only the columns stay that it has brought.</summary>
    public void TakeBackBatch()
    {
        foreach (var slot in _slots)
        {
            if (IsSet(slot))
                slot.Buffer.RemoveLast();
        }

        if (Block.Rows > _before)
        {
            var marked = new bool[Block.Rows];
            marked.AsSpan(_before).Fill(true);
            foreach (var slot in _slots)
                slot.Buffer.RemoveMarked(marked);
            Block.RowNumbers.RemoveMarked(marked);
        }

        Quarantine.Clear();
        RedactedRows.ResetWrittenCount();
        _errors.Clear();
        _discard = false;
        IsFull = false;
        BeginBatch();
    }
}
