using System.Buffers;
using System.Text.RegularExpressions;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Values;

/// <summary>
/// Takes a batch's rows from a reader, value by value: good rows go into a block, broken ones with all their errors into the
/// quarantine buffer. Counts every row exactly once: received = accepted + quarantined + discarded.
/// </summary>
internal sealed partial class RowCollector : IDisposable
{
    private const int BytesCheckedEvery = 256;
    private const int LargeRow = 16 << 10;

    private readonly DatasetDefinition _definition;
    private readonly IngestionLimits _limits;
    private readonly Dictionary<string, TableColumn> _tableColumns;
    private readonly TimeZoneInfo _zone;
    private readonly List<ColumnSlot> _slots = [];
    private readonly List<RowError> _errors = [];
    private readonly Dictionary<ColumnSlot, ColumnSlot?> _variants = [];
    private readonly HashSet<string> _known;
    private readonly RowStage? _stage;
    private bool _discard;

    /// <param name="tableColumns">What the table has already: an evolving field takes the type of its column.</param>
    public RowCollector(ContractPlan plan, IReadOnlyList<TableColumn> tableColumns, IngestionLimits limits)
    {
        var definition = plan.Definition;
        _definition = definition;
        _limits = limits;
        _zone = TimeZoneInfo.FindSystemTimeZoneById(definition.TimeZone);
        _known = [.. definition.Fields.Select(field => field.InputName)];
        _tableColumns = tableColumns.ToDictionary(column => column.Name, StringComparer.OrdinalIgnoreCase);
        Block = new RowBlock(limits.BlockRows);
        foreach (var field in definition.Fields)
        {
            var column = StoredColumn.Of(field);
            var isKey = definition.WriteDisposition == WriteDisposition.Merge && definition.Key.Contains(field.Name);
            AddSlot(CreateSlot(field, column, field.Required || isKey));
        }

        var protector = new PiiProtector(plan.PiiKey);
        _stage = RowStage.Create(plan, _slots, protector, limits);
        if (definition.Fields.Any(field => field.Pii is not null))
            Redaction = new RowRedaction(protector);
    }

    public IReadOnlyList<ColumnSlot> Slots => _slots;

    public UnexpectedPolicy OnUnexpected => _definition.OnUnexpected.Columns;

    public IngestionLimits Limits => _limits;

    /// <summary>Rows must be put one by one, each value after the other, for the contract has something to say about whole rows.</summary>
    public bool IsRowWise => _stage is not null || _definition.OnUnexpected.Types != UnexpectedPolicy.Quarantine;

    /// <summary>Makes the text of rows that may be kept; null when rows may be kept as they came. With it, what ends a row gives the text it made.</summary>
    public RowRedaction? Redaction { get; }

    /// <summary>The redacted rows, one JSON object a line, where the contract keeps them in the raw zone.</summary>
    public ArrayBufferWriter<byte> RedactedRows { get; } = new();

    /// <summary>The rows accepted since the last block was taken.</summary>
    public RowBlock Block { get; private set; }

    public QuarantineBuffer Quarantine { get; } = new();

    /// <summary>Rows seen, whatever became of them; also the number of the newest one.</summary>
    public long Received { get; private set; }

    public long Accepted { get; private set; }

    public long Quarantined { get; private set; }

    public long Discarded { get; private set; }

    /// <summary>Rows whose key an earlier row of the batch has.</summary>
    public long Duplicates { get; private set; }

    /// <summary>Rows loaded that broke checks which only warn, by check; null when there are none.</summary>
    public IReadOnlyDictionary<string, long>? Warnings => _stage?.Warnings;

    /// <summary>Makes a parser that looks at a field the contract does not know, whatever its name; null where nobody looks. It gets the name and, from
    /// typed formats, the column.</summary>
    public Func<string, StoredColumn?, ValueParser>? Sampler { get; set; }

    /// <summary>Whether the block must be taken before more rows come.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Gives the block away. Before more rows come, <see cref="AttachBlock"/> must follow.</summary>
    public RowBlock DetachBlock() => Block;

    /// <param name="next">A used block to fill again, or null for a new one.</param>
    public void AttachBlock(RowBlock? next)
    {
        if (next?.Columns.Count != _slots.Count)
        {
            next?.Dispose();
            next = new RowBlock(_limits.BlockRows);
            foreach (var slot in _slots)
                slot.Buffer = next.Add(slot.Column);
        }
        else
        {
            next.Clear();
            for (var i = 0; i < _slots.Count; i++)
                _slots[i].Buffer = next.Buffers[i];
        }

        Block = next;
        IsFull = false;
    }

    /// <summary>Makes a column for a field the contract does not know.</summary>
    /// <param name="type">The type of a typed format's field; null keeps text.</param>
    /// <returns>Null when the name cannot be a column's.</returns>
    public ColumnSlot? TryEvolve(string inputName, StoredColumn? type = null)
    {
        if (Sampler is not null && _slots.Count < _limits.MaxColumns)
            return AddSample(inputName, type);
        if (!ColumnName().IsMatch(inputName) || inputName[0] == '_'
            || _slots.Exists(slot => string.Equals(slot.Column.Name, inputName, StringComparison.OrdinalIgnoreCase)))
        {
            return null;
        }

        if (_slots.Count >= _limits.MaxColumns)
        {
            throw new TerminalException(FailureKind.Invalid, "TooManyColumns",
                $"With the field '{inputName}' the dataset '{_definition.Name}' would have more than {_limits.MaxColumns} columns.");
        }

        var column = _tableColumns.TryGetValue(inputName, out var known) ? StoredColumn.Of(known)
            : type ?? new StoredColumn(inputName, FieldType.String);
        var field = new FieldDefinition { Name = column.Name, Type = column.Type, Source = inputName };
        var parser = column.Type == FieldType.String ? new EvolvedTextParser() : ValueParser.Create(field, column, _zone);
        var slot = new ColumnSlot(field, column, parser, required: false);
        AddSlot(slot);
        return slot;
    }

    /// <exception cref="TerminalException"><c>UnexpectedField</c>, 409: the contract is frozen.</exception>
    public TerminalException Frozen(string field, string place) => new(FailureKind.Conflict, "UnexpectedField",
        $"{place} has {(NameOf(field) is { } name ? $"the field '{name}'" : "a field")}, which the contract of '{_definition.Name}' does not know, and its "
        + "onUnexpected is 'freeze'. Nothing was stored. Add the field to the contract, or leave it out.", NameOf(field));

    /// <summary>An input's name as it may be shown: in a file without its header row, names are values.</summary>
    /// <returns>Null when it may not.</returns>
    public string? NameOf(string inputName) => Redaction is null || _known.Contains(inputName) ? inputName : null;

    public void PutText(ColumnSlot slot, ReadOnlySpan<byte> text)
    {
        var rule = slot.Parser.Append(text);
        if (rule != RowRule.None)
            Refuse(slot, rule, text, text);
    }

    public void PutNull(ColumnSlot slot)
    {
        if (slot is { Required: true, IsLate: false })
            _errors.Add(RuleMessage.For(slot, RowRule.Required, null));
        slot.Buffer.AppendNull();
    }

    /// <summary>Notes a value that its parser refused, or does with it what the contract says; a null keeps the columns in step until the row
    /// is taken back.</summary>
    /// <param name="shown">The value as it came.</param>
    /// <param name="text">The value as a text column would keep it.</param>
    public void Refuse(ColumnSlot slot, RowRule rule, ReadOnlySpan<byte> shown, ReadOnlySpan<byte> text)
    {
        slot.Buffer.AppendNull();
        if (rule == RowRule.Type && _definition.OnUnexpected.Types != UnexpectedPolicy.Quarantine && TryTolerate(slot, text))
            return;
        _errors.Add(RuleMessage.For(slot, rule, slot.Field.Pii is null ? RuleMessage.Show(shown) : null));
    }

    public void Fail(RowError error) => _errors.Add(error.Column is null ? error : error with { Column = NameOf(error.Column) });

    /// <summary>The row is left out and counted as discarded, unless it breaks as a whole.</summary>
    public void Discard() => _discard = true;

    /// <summary>Whether the column has the value of the row at hand already.</summary>
    public bool IsSet(ColumnSlot slot) => slot.Buffer.Rows > Block.Rows;

    /// <summary>Ends a row that has a value or null in every column.</summary>
    /// <param name="lateRaw">Gives the text of broken rows in place of <paramref name="raw"/>, where making it is work; with
    /// <paramref name="place"/>.</param>
    public void EndRow(ReadOnlySpan<byte> raw, long? line, long? offset, Func<int, (ReadOnlyMemory<byte> Text, bool Truncated)>? lateRaw = null, int place = 0)
    {
        Received++;
        if (_variants.Count > 0)
            FillVariants();
        var end = _discard ? RowEnd.Discard : _errors.Count > 0 ? RowEnd.Quarantine : _stage?.Finish(_errors) ?? RowEnd.Load;
        if (_definition.Raw == RawPolicy.Redacted)
        {
            RedactedRows.Write(raw);
            RedactedRows.Write("\n"u8);
        }

        if (end == RowEnd.Load)
        {
            Accepted++;
            Block.RowNumbers.Append(Received);
            if (Block.Rows == Block.MaxRows || ((Block.Rows % BytesCheckedEvery == 0 || raw.Length >= LargeRow) && Block.Bytes >= _limits.BlockBytes))
                IsFull = true;
            return;
        }

        foreach (var slot in _slots)
        {
            if (IsSet(slot))
                slot.Buffer.RemoveLast();
        }

        if (end == RowEnd.Discard)
            Discarded++;
        else if (end == RowEnd.Duplicate)
            Duplicates++;
        else if (lateRaw?.Invoke(place) is { } late)
            PutInQuarantine(late.Text.Span, line, offset, late.Truncated);
        else
            PutInQuarantine(raw, line, offset, truncated: false);
        _discard = false;
        _errors.Clear();
    }

    /// <summary>Ends a row that could not be taken apart.</summary>
    public void EndBrokenRow(RowError error, ReadOnlySpan<byte> raw, long? line, long? offset, bool truncated = false)
    {
        Received++;
        foreach (var slot in _slots)
        {
            if (IsSet(slot))
                slot.Buffer.RemoveLast();
        }

        _errors.Clear();
        Fail(Redaction is null ? error : error with { Value = null });
        PutInQuarantine(Redaction is null ? raw : default, line, offset, truncated, withheld: Redaction is not null);
        _discard = false;
        _errors.Clear();
    }

    /// <summary>Ends many rows at once, for formats that come by columns: those without an entry in <paramref name="broken"/> stay.</summary>
    /// <param name="rows">How many rows every column has got since the last call.</param>
    /// <param name="broken">The errors by place among these rows.</param>
    /// <param name="raw">Gives a row's values as JSON for the quarantine, and whether some are cut off.</param>
    public void EndRows(int rows, IReadOnlyDictionary<int, List<RowError>> broken, bool discardAll, Func<int, (ReadOnlyMemory<byte> Text, bool Truncated)> raw)
    {
        var first = Block.Rows;
        if (broken.Count == 0 && !discardAll)
        {
            for (var i = 0; i < rows; i++)
                Block.RowNumbers.Append(++Received);
            Accepted += rows;
        }
        else
        {
            var marked = new bool[first + rows];
            for (var i = 0; i < rows; i++)
            {
                Received++;
                if (discardAll)
                {
                    Discarded++;
                    marked[first + i] = true;
                }
                else if (broken.TryGetValue(i, out var errors))
                {
                    Quarantined++;
                    var (text, truncated) = raw(i);
                    Quarantine.Add(Received, null, null, text.Span, truncated, errors);
                    marked[first + i] = true;
                }
                else
                {
                    Accepted++;
                    Block.RowNumbers.Append(Received);
                }
            }

            foreach (var slot in _slots)
                slot.Buffer.RemoveMarked(marked);
        }

        if (Block.Rows == Block.MaxRows || Block.Bytes >= _limits.BlockBytes)
            IsFull = true;
    }

    public void Dispose()
    {
        Redaction?.Dispose();
        Block.Dispose();
        Quarantine.Dispose();
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,127}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ColumnName();

    private ColumnSlot CreateSlot(FieldDefinition field, StoredColumn column, bool required)
    {
        var zone = field.TimeZone is null ? _zone : TimeZoneInfo.FindSystemTimeZoneById(field.TimeZone);
        var result = Create(field);

        // What an expression reads need not keep the rules that its result must.
        var read = field.Expression is null
            ? result
            : ValueParser.Create(field with { Min = null, Max = null, MinLength = null, MaxLength = null, Pattern = null, Enum = null }, column, zone);
        return new ColumnSlot(field, column, PreparingParser.Wrap(read, field), required, result);

        ValueParser Create(FieldDefinition field) => column.Type == FieldType.String && _definition.PartitionBy.Contains(field.Name)
            ? new TextParser(field) { Divides = true }
            : ValueParser.Create(field, column, zone);
    }

    private ColumnSlot AddSample(string inputName, StoredColumn? type)
    {
        var column = type ?? new StoredColumn(inputName, FieldType.String);
        var field = new FieldDefinition { Name = inputName, Type = column.Type, Precision = column.Precision, Scale = column.Scale };
        var slot = new ColumnSlot(field, column, Sampler!(inputName, type), required: false);
        AddSlot(slot);
        return slot;
    }

    private void AddSlot(ColumnSlot slot)
    {
        slot.Buffer = Block.Add(slot.Column);
        _slots.Add(slot);
    }

    private void PutInQuarantine(ReadOnlySpan<byte> raw, long? line, long? offset, bool truncated, bool withheld = false)
    {
        Quarantined++;
        Quarantine.Add(Received, line, offset, raw, truncated, _errors, withheld);
    }
}
