using System.Buffers;
using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;
using Microsoft.Win32.SafeHandles;
using ParquetSharp;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Reads a Parquet file from local disk, slice by slice. Columns are matched by name; a text column is read as CSV text would be, so
/// that typed fields may come as text, and a nested one as JSON.</summary>
/// <param name="spool">Where the file lies once it has been received; called with the first read.</param>
internal sealed partial class ParquetRowReader(Func<CancellationToken, Task<string>> spool) : RowReader
{
    private const int FirstSliceRows = 64;
    private const int MostSliceRows = 16_384;
    private const long SliceBytes = 4 << 20;
    private const int MostBuffers = 16 << 20;
    private const int BytesOfAnyValue = 4;
    private const string Fix = "Write the file again.";

    private readonly Dictionary<int, List<RowError>> _broken = [];
    private readonly List<RowError> _fileErrors = [];
    private readonly List<ColumnSlot> _absent = [];
    private readonly List<(ParquetColumn Column, ColumnSlot? Slot)> _columns = [];
    private readonly ArrayBufferWriter<byte> _raw = new();
    private SafeFileHandle? _handle;
    private ParquetLayout? _layout;
    private ParquetFileReader? _file;
    private RowGroupReader? _group;
    private IngestionLimits _limits = IngestionLimits.Default;
    private long _unfolded;
    private int _groups;
    private int _nextGroup;
    private long _left;
    private int _sliceRows = FirstSliceRows;
    private bool _discardAll;

    public override async ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        if (_file is null)
        {
            var path = await spool(cancellationToken);
            Guard("the footer", () => Open(rows, path));
            return true;
        }

        if (_left == 0)
        {
            CloseGroup();
            if (_nextGroup == _groups)
                return false;
            Guard($"row group {_nextGroup}", OpenGroup);
            return true;
        }

        var count = (int)Math.Min(_left, Math.Min(_sliceRows, rows.Block.MaxRows - rows.Block.Rows));
        Guard($"row group {_nextGroup - 1}", () => ReadSlice(rows, count));
        _left -= count;
        return true;
    }

    public override void Dispose()
    {
        CloseGroup();
        _file?.Dispose();
        _handle?.Dispose();
        base.Dispose();
    }

    // How large values are is seen only when they were read: slices grow while they are small.
    private void Adapt(int count, long bytes)
    {
        if (bytes > SliceBytes)
            _sliceRows = (int)Math.Max(1, count * SliceBytes / bytes);
        else if (bytes < SliceBytes / 2)
            _sliceRows = Math.Min(_sliceRows * 2, MostSliceRows);
    }

    private static void Guard(string place, Action read)
    {
        try
        {
            read();
        }
        catch (Exception fault) when (fault is ParquetException or InvalidDataException or OverflowException or IOException)
        {
            throw UnreadableFile.At(place, $"it is not intact Parquet: {Reason(fault)}", Fix, fault);
        }
    }

    /// <summary>The library's words without the name of the C++ class it puts before them.</summary>
    private static string Reason(Exception fault)
    {
        var line = fault.Message.Split('\n')[0];
        var words = LibraryWords().Match(line);
        return (words.Success ? words.Groups["words"].Value : line).TrimEnd('.');
    }

    [GeneratedRegex(@"\(message: '(\w+: )?(?<words>.*)'\)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LibraryWords();

    private void Open(RowCollector rows, string path)
    {
        _limits = rows.Limits;
        _handle = File.OpenHandle(path);
        _layout = ParquetLayout.Read(_handle, _limits);

        // Without a buffered stream the reader takes whole column chunks into memory.
        using var properties = ReaderProperties.WithMemoryPool(MemoryPool.SystemMemoryPool());
        properties.EnableBufferedStream();
        properties.BufferSize = Math.Clamp(MostBuffers / Math.Max(1, _layout?.Leaves ?? 1), 16 << 10, 256 << 10);
        _file = new ParquetFileReader(path, properties);
        var metadata = _file.FileMetaData;
        _groups = metadata.NumRowGroups;
        var byName = rows.Slots.ToDictionary(slot => slot.Field.InputName, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in ParquetColumns.Of(metadata.Schema, _limits))
        {
            if (!seen.Add(column.Name))
                throw UnreadableFile.At("the footer", $"it has the column '{rows.NameOf(column.Name) ?? "…"}' twice", "Give each column a name of its own.");
            if (!byName.TryGetValue(column.Name, out var slot))
                slot = Unknown(rows, column);
            if (slot is not null && column.Misfit(slot) is { } misfit)
                throw UnreadableFile.At("the footer", $"its column '{column.Name}' {misfit}", "Write the column in another type, or leave it out.");
            if (column.Misfit(null) is null)
                _columns.Add((column, slot));
        }

        _absent.AddRange(rows.Slots.Except(_columns.Select(column => column.Slot).OfType<ColumnSlot>()));
        if (rows.OnUnexpected == UnexpectedPolicy.Freeze && _absent.Find(slot => slot.Required) is { } missing)
        {
            throw new TerminalException(FailureKind.Conflict, "MissingField",
                $"The file has no column '{missing.Field.InputName}', which the contract requires, and its onUnexpected is 'freeze'. "
                + "Nothing was stored. Send the column.", missing.Field.InputName);
        }
    }

    private ColumnSlot? Unknown(RowCollector rows, ParquetColumn column)
    {
        var name = column.Name;
        switch (rows.OnUnexpected)
        {
            case UnexpectedPolicy.Freeze:
                throw rows.Frozen(name, "The file");
            case UnexpectedPolicy.DiscardRow:
                _discardAll = true;
                return null;
            case UnexpectedPolicy.DiscardValue:
                return null;
            case UnexpectedPolicy.Evolve when column.Misfit(null) is null && rows.TryEvolve(name, column.Stored) is { } slot:
                return slot;
            case UnexpectedPolicy.Evolve:
                _fileErrors.Add(new RowError(name, RowRule.UnknownField,
                    "The contract does not know this column, and its name or type cannot become a new column's."));
                return null;
            default:
                _fileErrors.Add(new RowError(name, RowRule.UnknownField, "The contract does not know this column."));
                return null;
        }
    }

    private void OpenGroup()
    {
        _group = _file!.RowGroup(_nextGroup);
        _left = _group.MetaData.NumRows;
        if (_left > 0)
            _layout?.CheckPages(_handle!, _nextGroup, _columns.SelectMany(column => column.Column.Leaves), _limits);
        _nextGroup++;
        foreach (var (column, _) in _columns)
            column.Open(_group);
    }

    private void ReadSlice(RowCollector rows, int count)
    {
        _broken.Clear();
        long bytes = 0;
        foreach (var (column, _) in _columns)
            bytes += column.ReadSlice(count);
        Adapt(count, bytes);
        _unfolded += bytes + ((long)count * _columns.Count * BytesOfAnyValue);
        if (_layout is not null && _unfolded > _layout.MaxUnfolded(_limits))
            throw _layout.TooLarge(_limits);

        if (rows.IsRowWise)
        {
            for (var row = 0; row < count; row++)
                PutRow(rows, row);
            return;
        }

        foreach (var (column, slot) in _columns)
        {
            if (slot is not null)
                column.Put(slot, _broken);
        }

        foreach (var slot in _absent)
            slot.Buffer.AppendNulls(count);
        if (_fileErrors.Count > 0 || _absent.Exists(slot => slot.Required))
            BreakAll(count);
        rows.EndRows(count, _broken, _discardAll, Raw);
    }

    private void PutRow(RowCollector rows, int row)
    {
        foreach (var (column, slot) in _columns)
        {
            if (slot is not null)
                column.PutRow(rows, slot, row);
        }

        foreach (var slot in _absent)
            rows.PutNull(slot);
        foreach (var error in _fileErrors)
            rows.Fail(error);
        if (_discardAll)
            rows.Discard();
        if (rows.Redaction is { } redaction)
            rows.EndRow(Redact(redaction, row), null, null);
        else
            rows.EndRow(default, null, null, Raw, row);
    }

    private ReadOnlySpan<byte> Redact(RowRedaction redaction, int row)
    {
        redaction.Begin();
        foreach (var (column, slot) in _columns)
        {
            if (slot is not null)
                column.Redact(redaction, slot, row);
        }

        return redaction.End();
    }

    private void BreakAll(int count)
    {
        // One list for all rows: there may be very many of both.
        List<RowError> errors = [.. _fileErrors, .. _absent.Where(slot => slot.Required).Select(slot => RuleMessage.For(slot, RowRule.Required, null))];
        for (var row = 0; row < count; row++)
        {
            if (!_broken.TryAdd(row, errors))
                _broken[row].AddRange(errors);
        }
    }

    private (ReadOnlyMemory<byte> Text, bool Truncated) Raw(int row)
    {
        _raw.ResetWrittenCount();
        var whole = true;
        using (var writer = new Utf8JsonWriter(_raw, JsonRow.Options))
        {
            writer.WriteStartObject();
            foreach (var (column, _) in _columns)
            {
                writer.WritePropertyName(column.Name);
                whole &= column.WriteJson(writer, row);
            }

            writer.WriteEndObject();
        }

        return (_raw.WrittenMemory, !whole);
    }

    private void CloseGroup()
    {
        foreach (var (column, _) in _columns)
            column.Dispose();
        _group?.Dispose();
        _group = null;
    }
}
