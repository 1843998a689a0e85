using DataPlatform.Catalog;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Checks the open rows of one batch again, by the readers and rules that all rows go through.</summary>
internal sealed class ReplayPass : IAsyncDisposable
{
    private readonly IAsyncEnumerator<QuarantinedRow> _lines;
    private readonly ReplaySource _source;
    private readonly RowReader _reader;
    private long _settled;
    private int _numbered;

    /// <param name="quarantine">The batch's part of the quarantine file; whoever opened it closes it.</param>
    /// <param name="existing">The columns of the dataset's table.</param>
    public ReplayPass(
        QuarantinedBatch batch, ReplayFile file, ReplayPlan plan, Stream quarantine, OpenRows open, QuarantineSelection selection,
        IReadOnlyList<TableColumn> existing, IngestionLimits limits, long maxRows, CancellationToken cancellationToken)
    {
        Tally = new ReplayTally(batch.Id);
        var contract = file.Personal.Count > 0 ? RedactedContract.Of(plan.Contract, file.Personal) : plan.Contract with { Definition = plan.Contract.Definition with { Raw = RawPolicy.None } };
        _lines = QuarantineLines.ReadAsync(quarantine, cancellationToken).GetAsyncEnumerator(cancellationToken);
        _source = new ReplaySource(_lines, file, plan, open, selection, Tally, limits, maxRows);

        // Quotes and escapes may make a row longer than it came.
        var roomy = limits with { MaxRowBytes = (int)Math.Min(int.MaxValue / 16, limits.MaxRowBytes * 6L), MaxColumns = limits.MaxColumns * 2 };
        Rows = new RowCollector(contract, existing, limits);
        if (file.HoldsEvents)
            Rows.AddEvents();
        _reader = file.Csv is null ? new NdjsonRowReader(_source, roomy) : new CsvRowReader(_source, CsvDialect.Default, roomy);
        IsCsv = file.Csv is not null;
    }

    /// <summary>With the rows that passed in its block.</summary>
    public RowCollector Rows { get; }

    public ReplayTally Tally { get; }

    private bool IsCsv { get; }

    /// <summary>Reads on. The block is to be taken when <see cref="RowCollector.IsFull"/>, and at the end.</summary>
    /// <returns>False when all rows were read.</returns>
    /// <exception cref="Failures.TerminalException">The contract refuses the rows as a whole.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var before = Rows.Block.Rows;
        _numbered = Math.Min(_numbered, before);
        bool more;
        try
        {
            more = await _reader.ReadAsync(Rows, cancellationToken);
        }
        catch (Failures.TerminalException empty) when (IsCsv && empty.Code == "UnreadableFile" && Tally.Passed.IsEmpty && _source.IsEmpty)
        {
            // Not one row could be taken apart: there is not even a header.
            return false;
        }

        Settle();
        return more;
    }

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        Rows.Dispose();
        await _source.DisposeAsync();
        await _lines.DisposeAsync();
    }

    /// <summary>Tells the rows of the last step apart, and gives those that passed the numbers they had in their batch.</summary>
    private void Settle()
    {
        var failed = BrokenRow.ReadAll(Rows.Quarantine.Written).ToDictionary(row => row.Row, row => row.Errors);
        Rows.Quarantine.Clear();
        var numbers = Rows.Block.RowNumbers;
        while (_settled < Rows.Received)
        {
            _settled++;
            var row = _source.Next();
            if (failed.TryGetValue(_settled, out var errors))
                Tally.Fail(row.Number, row.Line, errors);
            else
                Tally.Pass(row.Number, row.Bytes);
            if (_numbered < numbers.Rows && numbers.Values[_numbered] == _settled)
                numbers.Replace(_numbered++, row.Number);
        }
    }
}
