using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// Reads CSV in UTF-8: a header row whose columns may come in any order, or values in the order of the contract's fields. An empty
/// unquoted value is null, an empty quoted one an empty text (null for other types). Blank lines are no rows, unless the file has one
/// column only.
/// </summary>
internal sealed class CsvRowReader : RowReader
{
    private const int KeptOfLongRow = 64 << 10;
    private const string Fix = "Send text with one header row, and say in the contract's 'csv' or in the Content-Type how it is written.";

    private readonly CsvDialect _dialect;
    private readonly byte[][] _nullTokens;
    private readonly InputBuffer _input;
    private readonly CsvScanner _scanner;
    private readonly List<RowError> _fileErrors = [];
    private readonly List<ColumnSlot> _absent = [];
    private ColumnSlot?[]? _columns;
    private string[] _header = [];
    private byte[] _scratch = [];
    private long _line = 1;
    private bool _skipping;
    private bool _discardAll;

    /// <param name="body">UTF-8, whatever the dialect says.</param>
    public CsvRowReader(Stream body, CsvDialect dialect, IngestionLimits limits)
    {
        _dialect = dialect;
        _nullTokens = [.. dialect.NullTokens.Select(System.Text.Encoding.UTF8.GetBytes)];
        _input = new InputBuffer(body, limits.WindowBytes);
        _scanner = new CsvScanner(_input, dialect, limits.MaxRowBytes);
    }

    public override async ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        if (_columns is null)
        {
            await StartAsync(rows, cancellationToken);
        }
        else if (ReadRows(rows))
        {
            return true;
        }
        else if (!_input.IsLast)
        {
            await FillAsync(cancellationToken);
            if (_skipping)
                _skipping = !_scanner.TrySkipLine();
        }
        else if (_input.Position == _input.End)
        {
            return false;
        }

        return true;
    }

    public override void Dispose()
    {
        _input.Dispose();
        base.Dispose();
    }

    private async ValueTask StartAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        await _input.FillAsync(cancellationToken);
        _input.SkipByteOrderMark();
        _scanner.Restart();
        if (_dialect.Header)
        {
            await ReadHeaderAsync(rows, cancellationToken);
        }
        else
        {
            _header = [.. rows.Slots.Select(slot => slot.Field.InputName)];
            _columns = [.. rows.Slots];
        }

        _scanner.Expected = _header.Length;
    }

    private async ValueTask ReadHeaderAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_input.Position == _input.End && _input.IsLast)
                throw UnreadableFile.At("line 1", "there is no header row", Fix);
            if (_scanner.IsAtComment())
            {
                while (!_scanner.TrySkipLine() && !_input.IsLast)
                    await FillAsync(cancellationToken);
                _line++;
                continue;
            }

            var fault = _scanner.Next();
            if (fault == CsvFault.NeedsMore)
            {
                await FillAsync(cancellationToken);
                continue;
            }

            if (fault != CsvFault.None)
                throw UnreadableFile.At($"line {_line}", $"the header row is broken: {Describe(fault)}", Fix);
            if (!_scanner.IsBlank)
                break;
            _line++;
        }

        if (!Utf8.IsValid(_scanner.Raw))
            throw UnreadableFile.At($"line {_line}", "the header row is not UTF-8", Fix);
        if (_scanner.Count > rows.Limits.MaxColumns)
        {
            throw UnreadableFile.At($"line {_line}", $"the header row has {_scanner.Count} columns, of {rows.Limits.MaxColumns} allowed",
                "Send fewer columns.");
        }

        _header = new string[_scanner.Count];
        for (var i = 0; i < _header.Length; i++)
            _header[i] = System.Text.Encoding.UTF8.GetString(_scanner.Value(i, ref _scratch));
        _line += _scanner.InnerLines + 1;
        if (rows.Redaction is null)
            rows.Quarantine.Header = System.Text.Encoding.UTF8.GetString(_scanner.Raw);
        MapColumns(rows);
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        await _input.FillAsync(cancellationToken);
        _scanner.Restart();
    }

    private void MapColumns(RowCollector rows)
    {
        var byName = rows.Slots.ToDictionary(slot => slot.Field.InputName, StringComparer.Ordinal);
        var columns = new ColumnSlot?[_header.Length];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < columns.Length; i++)
        {
            var name = _header[i];
            if (!seen.Add(name))
                throw UnreadableFile.At("the header row", $"it has the column '{rows.NameOf(name) ?? "…"}' twice", "Give each column a name of its own.");
            if (!byName.TryGetValue(name, out columns[i]))
                columns[i] = Unknown(rows, name);
        }

        _absent.AddRange(rows.Slots.Except(columns.OfType<ColumnSlot>()));
        if (rows.OnUnexpected == UnexpectedPolicy.Freeze && _absent.Find(slot => slot.Required) is { } missing)
        {
            throw new TerminalException(FailureKind.Conflict, "MissingField",
                $"The header row has no column '{missing.Field.InputName}', which the contract requires, and its onUnexpected is 'freeze'. "
                + "Nothing was stored. Send the column.", missing.Field.InputName);
        }

        _columns = columns;
    }

    private ColumnSlot? Unknown(RowCollector rows, string name)
    {
        switch (rows.OnUnexpected)
        {
            case UnexpectedPolicy.Freeze:
                throw rows.Frozen(name, "The header row");
            case UnexpectedPolicy.DiscardRow:
                _discardAll = true;
                return null;
            case UnexpectedPolicy.DiscardValue:
                return null;
            case UnexpectedPolicy.Evolve when rows.TryEvolve(name) is { } slot:
                return slot;
            case UnexpectedPolicy.Evolve:
                _fileErrors.Add(new RowError(name, RowRule.UnknownField,
                    "The contract does not know this column, and its name cannot become a new column's."));
                return null;
            default:
                _fileErrors.Add(new RowError(name, RowRule.UnknownField, "The contract does not know this column."));
                return null;
        }
    }

    /// <returns>True when the collector is full, false when more input is needed.</returns>
    private bool ReadRows(RowCollector rows)
    {
        while (!rows.IsFull)
        {
            if (_input.Position == _input.End)
                return false;
            if (_scanner.IsAtComment())
            {
                _skipping = !_scanner.TrySkipLine();
                _line++;
                continue;
            }

            var fault = _scanner.Next();
            if (fault == CsvFault.NeedsMore)
                return false;

            if (fault != CsvFault.None)
                ReadBroken(rows, fault);
            else if (!_scanner.IsBlank || _header.Length == 1)
                ReadRow(rows);
            else
                _line++;
        }

        return true;
    }

    private void ReadRow(RowCollector rows)
    {
        var line = _line;
        var offset = _input.OffsetOf(_scanner.Start);
        if (_scanner.Count != _header.Length)
        {
            if (_scanner.InnerLines > 0 && _scanner.FirstLineIsWhole())
            {
                _scanner.ShrinkToFirstLine();
                ReadBroken(rows, CsvFault.UnclosedQuote);
                return;
            }

            _line += _scanner.InnerLines + 1;
            rows.EndBrokenRow(WrongCount(), _scanner.Raw, line, offset);
            return;
        }

        _line += _scanner.InnerLines + 1;
        if (!_input.IsAscii && !Utf8.IsValid(_scanner.Raw))
        {
            rows.EndBrokenRow(NotUtf8(), _scanner.Raw, line, offset);
            return;
        }

        var columns = _columns!;
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i] is not { } slot)
                continue;
            var value = _scanner.Value(i, ref _scratch);
            if (value.IsEmpty ? slot.EmptyIsNull || !_scanner.IsQuoted(i) : _nullTokens.Length > 0 && IsNullToken(value, i))
                rows.PutNull(slot);
            else
                rows.PutText(slot, value);
        }

        foreach (var slot in _absent)
            rows.PutNull(slot);
        foreach (var error in _fileErrors)
            rows.Fail(error);
        if (_discardAll)
            rows.Discard();
        rows.EndRow(rows.Redaction is { } redaction ? Redact(redaction) : _scanner.Raw, line, offset);
    }

    private ReadOnlySpan<byte> Redact(RowRedaction redaction)
    {
        redaction.Begin();
        for (var i = 0; i < _columns!.Length; i++)
        {
            if (_columns[i] is not { } slot)
                continue;
            var value = _scanner.Value(i, ref _scratch);
            if (value.IsEmpty && !_scanner.IsQuoted(i))
                redaction.PutNull(slot);
            else
                redaction.PutText(slot, value);
        }

        return redaction.End();
    }

    private bool IsNullToken(ReadOnlySpan<byte> value, int index)
    {
        if (_scanner.IsQuoted(index))
            return false;
        foreach (var token in _nullTokens)
        {
            if (value.SequenceEqual(token))
                return true;
        }

        return false;
    }

    private void ReadBroken(RowCollector rows, CsvFault fault)
    {
        var raw = _scanner.Raw;
        var kept = fault == CsvFault.TooLong && raw.Length > KeptOfLongRow ? raw[..KeptOfLongRow] : raw;
        var rule = fault == CsvFault.TooLong ? RowRule.Size : RowRule.Quote;
        rows.EndBrokenRow(new RowError(null, rule, $"The row is broken: {Describe(fault)}."), kept, _line, _input.OffsetOf(_scanner.Start),
            truncated: kept.Length < raw.Length || _scanner.IsCut);
        _line += _scanner.InnerLines + 1;
        _skipping = _scanner.IsCut;
    }

    private RowError WrongCount()
    {
        var message = $"The row has {_scanner.Count} values, the {(_dialect.Header ? "header" : "contract")} {_header.Length} columns.";
        return _scanner.Count < _header.Length
            ? new RowError(_header[_scanner.Count], RowRule.MissingValue, message)
            : new RowError(null, RowRule.ExtraValue, message);
    }

    private RowError NotUtf8()
    {
        var column = 0;
        while (column < _header.Length - 1 && Utf8.IsValid(_scanner.Value(column, ref _scratch)))
            column++;
        return new RowError(_header[column], RowRule.Encoding, "The value is not UTF-8.", RuleMessage.Show(_scanner.Value(column, ref _scratch)));
    }

    private static string Describe(CsvFault fault) => fault switch
    {
        CsvFault.StrayQuote => "a quote stands at the end of a value that does not start with one",
        CsvFault.TextAfterQuote => "text follows a closing quote",
        CsvFault.UnclosedQuote => "a quote is not closed",
        _ => "it is too long",
    };
}
