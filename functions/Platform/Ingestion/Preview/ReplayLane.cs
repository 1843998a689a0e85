namespace DataPlatform.Ingestion.Preview;

/// <summary>The rows of one stored body under one contract, one after the other. Holds what one step of reading brings.</summary>
internal sealed class ReplayLane(RowScan scan)
{
    private readonly Queue<RowOutcome> _outcomes = new();
    private BlockCursor? _loaded;
    private long _seen;
    private bool _ended;

    public PreviewCounts Counts => PreviewCounts.Of(scan.Rows);

    /// <returns>Null when there are no more rows.</returns>
    public async ValueTask<RowOutcome?> NextAsync(CancellationToken cancellationToken)
    {
        while (_outcomes.Count == 0 && !_ended)
        {
            _ended = !await scan.ReadAsync(cancellationToken);
            Take();
        }

        if (!_outcomes.TryDequeue(out var outcome))
            return null;
        return outcome.Loads ? outcome with { Values = _loaded!.Next() } : outcome;
    }

    // Loaded and broken rows come in order; those that are in neither were left out.
    private void Take()
    {
        _loaded = new BlockCursor(scan.Rows.Block);
        var loaded = scan.Rows.Block.RowNumbers.Values;
        var next = 0;
        var broken = new Queue<BrokenRow>(BrokenRow.ReadAll(scan.Rows.Quarantine.Written));
        while (_seen < scan.Rows.Received)
        {
            _seen++;
            if (next < loaded.Length && loaded[next] == _seen)
            {
                next++;
                _outcomes.Enqueue(new RowOutcome(_seen, RowFate.Loads, null));
            }
            else if (broken.TryPeek(out var row) && row.Row == _seen)
            {
                _outcomes.Enqueue(new RowOutcome(_seen, RowFate.Quarantined, broken.Dequeue()));
            }
            else
            {
                _outcomes.Enqueue(new RowOutcome(_seen, RowFate.LeftOut, null));
            }
        }
    }
}
