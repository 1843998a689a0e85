using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Preview;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>
/// The open rows of a quarantine file as a body that the reader of their format takes: each that goes in is one row there, so that nothing of one row
/// can touch another. Rows that cannot be taken apart fail here.
/// </summary>
/// <param name="rows">Of the quarantine file.</param>
/// <param name="maxRows">How many rows to give at most.</param>
internal sealed class ReplaySource(
    IAsyncEnumerator<QuarantinedRow> rows, ReplayFile file, ReplayPlan plan, OpenRows open, QuarantineSelection selection, ReplayTally tally,
    IngestionLimits limits, long maxRows) : Stream
{
    private const string Unreadable = "The row is broken.";

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly ReplayRow _row = new();
    private readonly List<(ReadOnlyMemory<byte> Text, bool IsQuoted)> _scanned = [];
    private readonly Queue<GivenRow> _given = new();
    private readonly StandingErrors _standing = new(file.Personal, plan.Contract.Definition);
    private readonly Dictionary<string, FieldType> _types = plan.Contract.Definition.Fields.ToDictionary(field => field.InputName, field => field.Type, StringComparer.Ordinal);
    private readonly HashSet<string> _known = plan.Contract.Definition.Fields.Select(field => field.InputName).ToHashSet(StringComparer.OrdinalIgnoreCase);
    private readonly string? _refusal = RedactedContract.Dependent(plan.Contract, file.Personal) is { } field
        ? $"The expression of '{field.Name}' reads a personal value, which is protected here: send such rows again."
        : null;

    private List<TextExpression>? _expressions;
    private IReadOnlyList<string>? _columns;
    private bool _started;
    private long _rowsGiven;
    private int _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>No row was given so far.</summary>
    public bool IsEmpty => _rowsGiven == 0;

    /// <summary>The next row that was given and not asked for yet.</summary>
    public GivenRow Next() => _given.Dequeue();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_read == _bytes.WrittenCount)
        {
            _bytes.ResetWrittenCount();
            _read = 0;
            if (!await rows.MoveNextAsync())
                return 0;
            if (!await TakeAsync(rows.Current, cancellationToken))
                return 0;
        }

        var count = Math.Min(buffer.Length, _bytes.WrittenCount - _read);
        _bytes.WrittenMemory.Slice(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <returns>False when no more rows are taken.</returns>
    private async ValueTask<bool> TakeAsync(QuarantinedRow row, CancellationToken cancellationToken)
    {
        if (row.Header is not null && file.Csv is { Header: true } dialect)
            _columns = await HeaderAsync(row.Header, dialect, cancellationToken);
        if (!open.Contains(row.Number) || !selection.Has(row))
            return true;
        if (_rowsGiven == maxRows)
        {
            tally.IsWhole = false;
            return false;
        }

        tally.Select();
        if (Refusal(row) is { } reason)
            tally.Refuse(reason);
        else if (file.Personal.Count > 0 && _standing.Of(row) is { Count: > 0 } errors)
            tally.Fail(row.Number, row.Line, errors);
        else if (file.Csv is { } csv)
            await GiveCsvAsync(row, csv, cancellationToken);
        else
            GiveJson(row);
        return true;
    }

    private string? Refusal(QuarantinedRow row) =>
        row.IsWithheld ? "The row is withheld, for it may hold personal values: send it again."
        : row.IsTruncated ? "Only the start of the row was kept, for it was too long: send it again."
        : file.Csv is { Header: true } && _columns is null ? "The header row of the file was not kept with it, so values cannot be told apart: send the rows again."
        : file.HoldsEvents && row.Event is null ? "The row is no event that could be read, or is from a time before events were kept apart here: send it again."
        : _refusal;

    private async ValueTask<IReadOnlyList<string>?> HeaderAsync(string header, CsvDialect dialect, CancellationToken cancellationToken) =>
        await ScanAsync(Encoding.UTF8.GetBytes(header), dialect, 0, cancellationToken) is null ? [.. _scanned.Select(value => Encoding.UTF8.GetString(value.Text.Span))] : null;

    /// <summary>Takes one CSV record apart.</summary>
    /// <param name="expected">How many values it should have; 0 when that is not known.</param>
    /// <returns>What is wrong with it; null when it is whole.</returns>
    private async ValueTask<BrokenValue?> ScanAsync(ReadOnlyMemory<byte> record, CsvDialect dialect, int expected, CancellationToken cancellationToken)
    {
        _scanned.Clear();
        using var body = new MemoryStream(record.ToArray(), writable: false);
        using var input = new InputBuffer(body, record.Length + 1);
        do
        {
            await input.FillAsync(cancellationToken);
        }
        while (!input.IsLast);

        var scanner = new CsvScanner(input, dialect, limits.MaxRowBytes) { Expected = expected };
        scanner.Restart();
        if (scanner.IsAtComment())
            return new BrokenValue(null, "json", "The row is a comment in this dialect.", null);
        if (scanner.Next() != CsvFault.None)
            return new BrokenValue(null, "quote", Unreadable, null);
        if (input.Position != input.End)
            return new BrokenValue(null, "extra_value", "The row is more than one record in this dialect.", null);
        if (expected > 0 && scanner.Count != expected)
            return new BrokenValue(null, scanner.Count < expected ? "missing_value" : "extra_value", $"The row has {scanner.Count} values, the header {expected} columns.", null);
        if (!Utf8.IsValid(scanner.Raw))
            return new BrokenValue(null, "encoding", "The row is not UTF-8.", null);
        byte[] scratch = [];
        for (var i = 0; i < scanner.Count; i++)
            _scanned.Add((scanner.Value(i, ref scratch).ToArray(), scanner.IsQuoted(i)));
        return null;
    }

    private async ValueTask GiveCsvAsync(QuarantinedRow row, CsvDialect dialect, CancellationToken cancellationToken)
    {
        var columns = dialect.Header ? _columns! : file.Header;
        if (await ScanAsync(row.Raw, dialect, columns.Count, cancellationToken) is { } broken)
        {
            tally.Fail(row.Number, row.Line, [broken]);
            return;
        }

        _row.Clear();
        for (var i = 0; i < columns.Count; i++)
        {
            var (text, isQuoted) = _scanned[i];
            var isNull = !isQuoted && (text.IsEmpty || dialect.NullTokens.Contains(Encoding.UTF8.GetString(text.Span)));
            _row.Add(columns[i], isNull ? default : new ReplayValue(text));
        }

        if (!TryPatch(row))
            return;
        if (!_started)
            _row.WriteCsvHeader(_bytes);
        _started = true;
        _row.WriteCsv(_bytes);
        Given(row);
    }

    private void GiveJson(QuarantinedRow row)
    {
        try
        {
            _row.ReadJson(row.Raw, limits.MaxJsonDepth);
        }
        catch (JsonException)
        {
            tally.Fail(row.Number, row.Line, [.. row.Errors.Where(error => error.Rule is "json" or "encoding").DefaultIfEmpty(new BrokenValue(null, "json", "The row is not a JSON object.", null))]);
            return;
        }

        if (plan.Patch.ChangesRows && !TryPatch(row))
            return;

        // Under a name that no row of an event can have, for it is put last.
        if (row.Event is not null)
            _row.Put(StoredColumn.EventInput, new ReplayValue(Encoding.ASCII.GetBytes(row.Event)));

        // Behind a line without a row a byte order mark is one of the row.
        if (!_started)
            _bytes.Write("\n"u8);
        _started = true;
        _row.WriteJson(_bytes, _types);
        Given(row);
    }

    private bool TryPatch(QuarantinedRow row)
    {
        if (plan.Patch.Rename is { } names)
            _row.Rename(names);
        _expressions ??= [.. plan.Expressions.Select(item => TextExpression.Create(item.Column, item.Expression, _row, _known))];

        // All are computed from the row as it came, then take their places.
        var computed = new ReplayValue[_expressions.Count];
        for (var i = 0; i < computed.Length; i++)
        {
            if (_expressions[i].TryCompute(out computed[i], out var fault))
                continue;
            tally.Fail(row.Number, row.Line, [new BrokenValue(_expressions[i].Column, "expression", $"The patch's expression for '{_expressions[i].Column}' has no result: {fault}.", null)]);
            return false;
        }

        for (var i = 0; i < computed.Length; i++)
            _row.Put(_expressions[i].Column, computed[i]);
        foreach (var (column, value) in plan.Patch.Set ?? new Dictionary<string, JsonElement>())
            _row.Put(column, ValueOf(value));
        return true;
    }

    private static ReplayValue ValueOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => default,
        JsonValueKind.String => new ReplayValue(Encoding.UTF8.GetBytes(value.GetString()!), IsNew: true),
        _ => new ReplayValue(Encoding.UTF8.GetBytes(value.GetRawText()), IsJson: true, IsNew: true),
    };

    private void Given(QuarantinedRow row)
    {
        _rowsGiven++;
        _given.Enqueue(new GivenRow(row.Number, row.Line, row.Raw.Length));
    }
}
