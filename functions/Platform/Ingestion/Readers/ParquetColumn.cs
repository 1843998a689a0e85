using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using ParquetSharp;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// A flat column of a Parquet file, read in slices: a slice's values are copied out of the reader's pages, put into a field's buffer, and
/// shown as JSON for rows that go to quarantine.
/// </summary>
internal sealed class ParquetColumn
{
    private const long JulianEpochDay = 2_440_588;

    // What no decimal of 38 digits and no moment of the calendar is: every parser refuses these.
    private const long NoMoment = long.MinValue;
    private static readonly Int128 NoDecimal = Int128.MinValue;

    private readonly ColumnDescriptor _descriptor;
    private readonly short _maxLevel;
    private readonly int _scale;
    private readonly TimeUnit _unit = TimeUnit.Micros;
    private readonly bool _isUtc = true;
    private short[] _levels = [];
    private long[] _integers = [];
    private double[] _doubles = [];
    private Int128[] _wides = [];
    private int[] _ends = [];
    private byte[] _bytes = [];
    private Array? _physical;
    private int _rows;

    public ParquetColumn(ColumnDescriptor descriptor)
    {
        _descriptor = descriptor;
        _maxLevel = descriptor.MaxDefinitionLevel;
        Name = descriptor.Name;
        using var logical = descriptor.LogicalType;
        Kind = descriptor.MaxRepetitionLevel > 0 || descriptor.Path.ToDotVector().Length > 1 ? ParquetKind.Unsupported : KindOf(descriptor, logical);
        switch (logical)
        {
            case DecimalLogicalType number:
                _scale = number.Scale;
                Precision = number.Precision;
                break;
            case TimestampLogicalType timestamp:
                _unit = timestamp.TimeUnit;
                _isUtc = timestamp.IsAdjustedToUtc;
                break;
            case TimeLogicalType time:
                _unit = time.TimeUnit;
                break;
        }

        if (descriptor.PhysicalType == PhysicalType.Int96)
            _isUtc = false;
    }

    /// <summary>The top-level name.</summary>
    public string Name { get; }

    public ParquetKind Kind { get; }

    public int Precision { get; }

    /// <summary>The file's own word for the type, for messages.</summary>
    public string TypeName => _descriptor.PhysicalType.ToString();

    /// <summary>The column that an evolving table would get.</summary>
    public StoredColumn Stored => Kind switch
    {
        ParquetKind.Bool => new StoredColumn(Name, FieldType.Bool),
        ParquetKind.Integer => new StoredColumn(Name, FieldType.Int64),
        ParquetKind.Double => new StoredColumn(Name, FieldType.Float64),
        ParquetKind.Decimal => new StoredColumn(Name, FieldType.Decimal, Precision, _scale),
        ParquetKind.Date => new StoredColumn(Name, FieldType.Date),
        ParquetKind.TimeMicros => new StoredColumn(Name, FieldType.Time),
        ParquetKind.Timestamp => new StoredColumn(Name, FieldType.Timestamp),
        ParquetKind.Bytes => new StoredColumn(Name, FieldType.Binary),
        ParquetKind.Uuid => new StoredColumn(Name, FieldType.Uuid),
        _ => new StoredColumn(Name, FieldType.String),
    };

    /// <summary>Copies the next <paramref name="rows"/> rows of a row group.</summary>
    public void ReadSlice(ColumnReader reader, int rows)
    {
        _rows = rows;
        if (_levels.Length < rows)
            _levels = new short[rows];
        switch (reader)
        {
            case ColumnReader<int> ints:
                Read(ints, rows, ref _integers, IsUnsigned ? static value => (uint)value : static value => value);
                break;
            case ColumnReader<long> longs:
                Read(longs, rows, ref _integers, static value => value);
                break;
            case ColumnReader<bool> bools:
                Read(bools, rows, ref _integers, static value => value ? 1 : 0);
                break;
            case ColumnReader<float> floats:
                Read(floats, rows, ref _doubles, static value => value);
                break;
            case ColumnReader<double> doubles:
                Read(doubles, rows, ref _doubles, static value => value);
                break;
            case ColumnReader<Int96> moments:
                Read(moments, rows, ref _integers, ReadInt96);
                break;
            case ColumnReader<ByteArray> texts:
                ReadBytes(texts, rows, static value => value.Length, static value => value.Pointer);
                break;
            case ColumnReader<FixedLenByteArray> fixeds:
                var width = _descriptor.TypeLength;
                ReadBytes(fixeds, rows, _ => width, static value => value.Pointer);
                break;
            default:
                throw new NotSupportedException($"{reader.ElementType}");
        }

        if (Kind == ParquetKind.Decimal)
            Widen();
    }

    /// <summary>Bytes of the slice's texts and binaries.</summary>
    public long SliceBytes { get; private set; }

    /// <summary>Puts the slice's values into a field.</summary>
    /// <param name="broken">Gets what is wrong, by row of the slice.</param>
    public void Put(ColumnSlot slot, Dictionary<int, List<RowError>> broken)
    {
        var next = 0;
        for (var row = 0; row < _rows; row++)
        {
            if (_levels[row] < _maxLevel)
            {
                slot.Buffer.AppendNull();
                if (slot.Required)
                    Add(broken, row, RuleMessage.For(slot, RowRule.Required, null));
                continue;
            }

            var rule = Append(slot.Parser, next);
            if (rule != RowRule.None)
            {
                slot.Buffer.AppendNull();
                Add(broken, row, RuleMessage.For(slot, rule, RuleMessage.Show(System.Text.Encoding.UTF8.GetBytes(Show(next)))));
            }

            next++;
        }
    }

    public void WriteJson(Utf8JsonWriter writer, int row)
    {
        if (_levels[row] < _maxLevel)
        {
            writer.WriteNull(Name);
            return;
        }

        var value = _levels.AsSpan(0, row).Count(_maxLevel);
        switch (Kind)
        {
            case ParquetKind.Bool:
                writer.WriteBoolean(Name, _integers[value] != 0);
                break;
            case ParquetKind.Integer:
                writer.WriteNumber(Name, _integers[value]);
                break;
            case ParquetKind.Double when double.IsFinite(_doubles[value]):
                writer.WriteNumber(Name, _doubles[value]);
                break;
            default:
                writer.WriteString(Name, Show(value));
                break;
        }
    }

    private static void Add(Dictionary<int, List<RowError>> broken, int row, RowError error)
    {
        if (!broken.TryGetValue(row, out var errors))
            broken.Add(row, errors = []);
        errors.Add(error);
    }

    private static ParquetKind KindOf(ColumnDescriptor descriptor, LogicalType logical) => (descriptor.PhysicalType, logical) switch
    {
        (PhysicalType.Boolean, _) => ParquetKind.Bool,
        (PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, DecimalLogicalType { Precision: <= 38 }) =>
            ParquetKind.Decimal,
        (PhysicalType.Int32, DateLogicalType) => ParquetKind.Date,
        (PhysicalType.Int32 or PhysicalType.Int64, TimeLogicalType) => ParquetKind.TimeMicros,
        (PhysicalType.Int64, TimestampLogicalType) or (PhysicalType.Int96, _) => ParquetKind.Timestamp,
        (PhysicalType.Int64, IntLogicalType { IsSigned: false }) => ParquetKind.Unsigned64,
        (PhysicalType.Int32 or PhysicalType.Int64, IntLogicalType or NoneLogicalType) => ParquetKind.Integer,
        (PhysicalType.Float or PhysicalType.Double, _) => ParquetKind.Double,
        (PhysicalType.ByteArray, StringLogicalType or EnumLogicalType or JsonLogicalType) => ParquetKind.Text,
        (PhysicalType.FixedLenByteArray, UuidLogicalType) => ParquetKind.Uuid,
        (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, NoneLogicalType) => ParquetKind.Bytes,
        _ => ParquetKind.Unsupported,
    };

    private bool IsUnsigned
    {
        get
        {
            using var logical = _descriptor.LogicalType;
            return logical is IntLogicalType { IsSigned: false };
        }
    }

    private RowRule Append(ValueParser parser, int value)
    {
        switch (Kind)
        {
            case ParquetKind.Bool:
                return parser.AppendBool(_integers[value] != 0);
            case ParquetKind.Integer:
                return parser.AppendInteger(_integers[value]);
            case ParquetKind.Unsigned64:
                return _integers[value] < 0 ? RowRule.Type : parser.AppendInteger(_integers[value]);
            case ParquetKind.Double:
                return parser.AppendDouble(_doubles[value]);
            case ParquetKind.Decimal:
                return parser.AppendDecimal(_wides[value], _scale);
            case ParquetKind.Date:
                return parser.AppendDate((int)_integers[value]);
            case ParquetKind.TimeMicros:
                return TryMicros(_integers[value], out var time) ? parser.AppendTime(time) : RowRule.Type;
            case ParquetKind.Timestamp:
                return TryMicros(_integers[value], out var micros) ? parser.AppendTimestamp(micros, _isUtc) : RowRule.Type;
            case ParquetKind.Text:
                return System.Text.Unicode.Utf8.IsValid(Bytes(value)) ? parser.Append(Bytes(value)) : RowRule.Encoding;
            case ParquetKind.Bytes when parser is TextParser or EvolvedTextParser:
                // Old writers do not mark their texts.
                return System.Text.Unicode.Utf8.IsValid(Bytes(value)) ? parser.Append(Bytes(value)) : RowRule.Encoding;
            default:
                return parser.AppendBytes(Bytes(value));
        }
    }

    private bool TryMicros(long value, out long micros)
    {
        micros = value;
        switch (_unit)
        {
            case TimeUnit.Millis:
                micros = value * 1000;
                return value is > long.MinValue / 1000 and < long.MaxValue / 1000;
            case TimeUnit.Nanos:
                micros = value / 1000;
                return value % 1000 == 0;
            default:
                return true;
        }
    }

    private string Show(int value) => Kind switch
    {
        ParquetKind.Bool => _integers[value] != 0 ? "true" : "false",
        ParquetKind.Double => _doubles[value].ToString("R", CultureInfo.InvariantCulture),
        ParquetKind.Decimal when _wides[value] == NoDecimal => "a decimal of more than 38 digits",
        ParquetKind.Decimal => DecimalText.Format(_wides[value], _scale),
        ParquetKind.Date => DateTime.UnixEpoch.AddDays(Math.Clamp(_integers[value], -DateText.UnixEpochDay, DateText.LastDay))
            .ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ParquetKind.Timestamp when TryMicros(_integers[value], out var micros) && micros is >= DateText.FirstMicros and <= DateText.LastMicros =>
            DateTime.UnixEpoch.AddMicroseconds(micros).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + (_isUtc ? "Z" : ""),
        ParquetKind.Text => System.Text.Encoding.UTF8.GetString(Bytes(value)),
        ParquetKind.Bytes or ParquetKind.Uuid => Convert.ToBase64String(Bytes(value)),
        ParquetKind.Unsigned64 => ((ulong)_integers[value]).ToString(CultureInfo.InvariantCulture),
        _ => _integers[value].ToString(CultureInfo.InvariantCulture),
    };

    private ReadOnlySpan<byte> Bytes(int value)
    {
        var start = value == 0 ? 0 : _ends[value - 1];
        return _bytes.AsSpan(start, _ends[value] - start);
    }

    private void Read<TFrom, TTo>(ColumnReader<TFrom> reader, int rows, ref TTo[] target, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
    {
        if (target.Length < rows)
            target = new TTo[rows];
        var values = Physical<TFrom>(rows);
        int row = 0, value = 0;
        while (row < rows)
        {
            var read = ReadBatch(reader, values, row, rows, out var present);
            for (var i = 0; i < present; i++)
                target[value++] = convert(values[i]);
            row += read;
        }
    }

    private unsafe void ReadBytes<T>(ColumnReader<T> reader, int rows, Func<T, int> length, Func<T, nint> pointer)
        where T : unmanaged
    {
        if (_ends.Length < rows)
            _ends = new int[rows];
        var values = Physical<T>(rows);
        int row = 0, value = 0, end = 0;
        while (row < rows)
        {
            var read = ReadBatch(reader, values, row, rows, out var present);
            for (var i = 0; i < present; i++)
            {
                var size = length(values[i]);
                if (_bytes.Length - end < size)
                    Array.Resize(ref _bytes, Math.Max(end + size, Math.Max(4096, _bytes.Length * 2)));
                new ReadOnlySpan<byte>((void*)pointer(values[i]), size).CopyTo(_bytes.AsSpan(end));
                end += size;
                _ends[value++] = end;
            }

            row += read;
        }

        SliceBytes = end;
    }

    private int ReadBatch<T>(ColumnReader<T> reader, T[] values, int row, int rows, out int present)
        where T : unmanaged
    {
        var levels = _levels.AsSpan(row, rows - row);
        var read = (int)(_maxLevel > 0
            ? reader.ReadBatch(rows - row, levels, [], values, out var found)
            : reader.ReadBatch(rows - row, values, out found));
        present = (int)found;
        if (_maxLevel == 0)
            levels[..present].Clear();
        var advanced = _maxLevel > 0 ? read : present;
        if (advanced == 0)
            throw new InvalidDataException($"the column '{Name}' ends before its row group");
        return advanced;
    }

    private T[] Physical<T>(int rows)
    {
        if (_physical is not T[] values || values.Length < rows)
            _physical = values = new T[rows];
        return values;
    }

    private void Widen()
    {
        if (_wides.Length < _rows)
            _wides = new Int128[_rows];
        var count = _levels.AsSpan(0, _rows).Count(_maxLevel);
        for (var i = 0; i < count; i++)
        {
            _wides[i] = _descriptor.PhysicalType is PhysicalType.Int32 or PhysicalType.Int64
                ? _integers[i]
                : ReadBigEndian(Bytes(i));
        }
    }

    private static Int128 ReadBigEndian(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return NoDecimal;

        Int128 value = (bytes[0] & 0x80) != 0 ? -1 : 0;
        foreach (var b in bytes)
        {
            if ((long)(value >> 119) is not (0 or -1))
                return NoDecimal; // one byte more would push the sign out
            value = (value << 8) | b;
        }

        return value;
    }

    /// <summary>Nanoseconds of a day and a Julian day, as microseconds.</summary>
    private static long ReadInt96(Int96 value)
    {
        var nanos = (long)(uint)value.A | ((long)value.B << 32);
        var days = value.C - JulianEpochDay;
        return nanos % 1000 != 0 || nanos is < 0 or >= DateText.MicrosPerDay * 1000 || days is < -DateText.UnixEpochDay or > DateText.LastDay
            ? NoMoment
            : (days * DateText.MicrosPerDay) + (nanos / 1000);
    }
}
