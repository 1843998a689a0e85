using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// Reads CSV: UTF-8, commas, double quotes, a header row whose columns may come in any order. An empty unquoted value is null,
/// an empty quoted one an empty text (null for other types). Blank lines are no rows, unless the file has one column only.
/// </summary>
internal sealed class CsvRowReader : RowReader
{
    private const int KeptOfLongRow = 64 << 10;
    private const string Fix = "Send UTF-8 text with commas and one header row.";

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

    public CsvRowReader(Stream body, IngestionLimits limits)
    {
        _input = new InputBuffer(body, limits.WindowBytes);
        _scanner = new CsvScanner(_input, limits.MaxRowBytes);
    }

    public override async ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        if (_columns is null)
        {
            await ReadHeaderAsync(rows, cancellationToken);
        }
        else if (ReadRows(rows))
        {
            return true;
        }
        else if (!_input.IsLast)
        {
            await _input.FillAsync(cancellationToken);
            _scanner.Restart();
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

    private async ValueTask ReadHeaderAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        await _input.FillAsync(cancellationToken);
        if (!_input.TrySkipByteOrderMark())
            throw UnreadableFile.At("byte 0", "it is UTF-16 or UTF-32", "Convert it to UTF-8.");

        _scanner.Restart();
        while (true)
        {
            if (_input.Position == _input.End && _input.IsLast)
                throw UnreadableFile.At("line 1", "there is no header row", Fix);
            var fault = _scanner.Next();
            if (fault == CsvFault.NeedsMore)
            {
                await _input.FillAsync(cancellationToken);
                _scanner.Restart();
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
        _scanner.Expected = _header.Length;
        MapColumns(rows);
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
                throw UnreadableFile.At("the header row", $"it has the column '{name}' twice", "Give each column a name of its own.");
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
            if (value.IsEmpty && (slot.EmptyIsNull || !_scanner.IsQuoted(i)))
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
        rows.EndRow(_scanner.Raw, line, offset);
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

    private RowError WrongCount() => _scanner.Count < _header.Length
        ? new RowError(_header[_scanner.Count], RowRule.MissingValue, $"The row has {_scanner.Count} values, the header {_header.Length} columns.")
        : new RowError(null, RowRule.ExtraValue, $"The row has {_scanner.Count} values, the header {_header.Length} columns.");

    private RowError NotUtf8()
    {
        var column = 0;
        while (column < _header.Length - 1 && Utf8.IsValid(_scanner.Value(column, ref _scratch)))
            column++;
        return new RowError(_header[column], RowRule.Encoding, "The value is not UTF-8.", RuleMessage.Show(_scanner.Value(column, ref _scratch)));
    }

    private static string Describe(CsvFault fault) => fault switch
    {
        CsvFault.StrayQuote => "a quote stands inside a value that does not start with one",
        CsvFault.TextAfterQuote => "text follows a closing quote",
        CsvFault.UnclosedQuote => "a quote is not closed",
        _ => "it is too long",
    };
}
