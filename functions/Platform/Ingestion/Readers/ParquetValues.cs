using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using ParquetSharp;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Values of one leaf column, copied out of the reader's pages: they are put into fields, or shown as JSON.</summary>
internal sealed class ParquetValues : IDisposable
{
    private const long JulianEpochDay = 2_440_588;

    // What no decimal of 38 digits and no moment of the calendar is: every parser refuses these.
    private const long NoMoment = long.MinValue;
    private static readonly Int128 NoDecimal = Int128.MinValue;

    private readonly PhysicalType _physicalType;
    private readonly int _width;
    private readonly bool _isUnsigned;
    private readonly int _precision;
    private readonly int _scale;
    private readonly TimeUnit _unit = TimeUnit.Micros;
    private readonly bool _isUtc = true;
    private readonly int _maxBytes;
    private long[] _integers = [];
    private double[] _doubles = [];
    private int[] _ends = [];
    private byte[] _bytes = [];
    private Array? _physical;
    private Action? _returnPhysical;

    /// <param name="maxBytes">Of a value; longer ones are refused.</param>
    public ParquetValues(ColumnDescriptor descriptor, int maxBytes)
    {
        _physicalType = descriptor.PhysicalType;
        _width = descriptor.TypeLength;
        _maxBytes = maxBytes;
        MaxDefinition = descriptor.MaxDefinitionLevel;
        MaxRepetition = descriptor.MaxRepetitionLevel;
        using var logical = descriptor.LogicalType;
        Kind = KindOf(_physicalType, _width, logical);
        TypeName = logical is NoneLogicalType ? $"{_physicalType}" : $"{logical.Type} of {_physicalType}";
        switch (logical)
        {
            case DecimalLogicalType number:
                (_precision, _scale) = (number.Precision, number.Scale);
                break;
            case TimestampLogicalType timestamp:
                (_unit, _isUtc) = (timestamp.TimeUnit, timestamp.IsAdjustedToUtc);
                break;
            case TimeLogicalType time:
                _unit = time.TimeUnit;
                break;
            case IntLogicalType integer:
                _isUnsigned = !integer.IsSigned;
                break;
        }

        if (_physicalType == PhysicalType.Int96)
            _isUtc = false;
    }

    public ParquetKind Kind { get; }

    /// <summary>The file's own word for the type, for messages.</summary>
    public string TypeName { get; }

    public short MaxDefinition { get; }

    public short MaxRepetition { get; }

    public int Count { get; private set; }

    /// <summary>Bytes of texts and binaries.</summary>
    public int Bytes => Count > 0 && _ends.Length > 0 ? _ends[Count - 1] : 0;

    /// <summary>The column that an evolving table would get.</summary>
    public StoredColumn StoredAs(string name) => Kind switch
    {
        ParquetKind.Bool => new StoredColumn(name, FieldType.Bool),
        ParquetKind.Integer => new StoredColumn(name, FieldType.Int64),
        ParquetKind.Unsigned64 => new StoredColumn(name, FieldType.Decimal, 20),
        ParquetKind.Double => new StoredColumn(name, FieldType.Float64),
        ParquetKind.Decimal => new StoredColumn(name, FieldType.Decimal, _precision, _scale),
        ParquetKind.Date => new StoredColumn(name, FieldType.Date),
        ParquetKind.Time => new StoredColumn(name, FieldType.Time),
        ParquetKind.Timestamp => new StoredColumn(name, FieldType.Timestamp),
        ParquetKind.Bytes => new StoredColumn(name, FieldType.Binary),
        ParquetKind.Uuid => new StoredColumn(name, FieldType.Uuid),
        _ => new StoredColumn(name, FieldType.String),
    };

    public void Clear() => Count = 0;

    /// <summary>Gives back the memory of values; it is taken again for those that are read next.</summary>
    public void Dispose()
    {
        Clear();
        Resize(ref _integers, 0);
        Resize(ref _doubles, 0);
        Resize(ref _ends, 0);
        Resize(ref _bytes, 0);
        _returnPhysical?.Invoke();
        (_physical, _returnPhysical) = (null, null);
    }

    /// <summary>Reads on, as far as there is room for levels.</summary>
    /// <param name="repetitions">Empty when the column repeats nothing.</param>
    /// <returns>Levels read; values are fewer where something is null.</returns>
    public int Read(ColumnReader reader, Span<short> definitions, Span<short> repetitions)
    {
        switch (reader)
        {
            case ColumnReader<int> ints:
                return Read(ints, definitions, repetitions, ref _integers, _isUnsigned ? static value => (uint)value : static value => value);
            case ColumnReader<long> longs:
                return Read(longs, definitions, repetitions, ref _integers, static value => value);
            case ColumnReader<bool> bools:
                return Read(bools, definitions, repetitions, ref _integers, static value => value ? 1 : 0);
            case ColumnReader<float> floats:
                return Read(floats, definitions, repetitions, ref _doubles, static value => value);
            case ColumnReader<double> doubles:
                return Read(doubles, definitions, repetitions, ref _doubles, static value => value);
            case ColumnReader<Int96> moments:
                return Read(moments, definitions, repetitions, ref _integers, ReadInt96);
            case ColumnReader<ByteArray> texts:
                return ReadBytes(texts, definitions, repetitions, static value => value.Length, static value => value.Pointer);
            case ColumnReader<FixedLenByteArray> halves when Kind == ParquetKind.Double:
                return Read(halves, definitions, repetitions, ref _doubles, ReadHalf);
            case ColumnReader<FixedLenByteArray> fixeds:
                var width = _width;
                return ReadBytes(fixeds, definitions, repetitions, _ => width, static value => value.Pointer);
            default:
                throw new InvalidDataException($"its type {reader.ElementType.Name} is not known");
        }
    }

    public RowRule Append(ValueParser parser, int value)
    {
        switch (Kind)
        {
            case ParquetKind.Bool:
                return parser.AppendBool(_integers[value] != 0);
            case ParquetKind.Integer:
                return parser.AppendInteger(_integers[value]);
            case ParquetKind.Unsigned64:
                return _integers[value] < 0 ? parser.AppendDecimal((ulong)_integers[value], 0) : parser.AppendInteger(_integers[value]);
            case ParquetKind.Double:
                return parser.AppendDouble(_doubles[value]);
            case ParquetKind.Decimal:
                return parser.AppendDecimal(Wide(value), _scale);
            case ParquetKind.Date:
                return parser.AppendDate((int)_integers[value]);
            case ParquetKind.Time:
                return TryMicros(_integers[value], out var time) ? parser.AppendTime(time) : RowRule.Type;
            case ParquetKind.Timestamp:
                return TryMicros(_integers[value], out var micros) ? parser.AppendTimestamp(micros, _isUtc) : RowRule.Type;
        }

        var bytes = BytesOf(value);
        if (bytes.Length > _maxBytes)
            return RowRule.Size;
        // Old writers do not mark their texts.
        if (Kind != ParquetKind.Text && !(Kind == ParquetKind.Bytes && parser.IsText))
            return parser.AppendBytes(bytes);
        return Utf8.IsValid(bytes) ? parser.Append(bytes) : RowRule.Encoding;
    }

    /// <param name="max">Texts and binaries of more bytes are cut off.</param>
    /// <returns>False when that is so, or a text is not UTF-8: what was written is not the whole value.</returns>
    public bool WriteJson(Utf8JsonWriter writer, int value, int max)
    {
        switch (Kind)
        {
            case ParquetKind.Bool:
                writer.WriteBooleanValue(_integers[value] != 0);
                return true;
            case ParquetKind.Integer:
                writer.WriteNumberValue(_integers[value]);
                return true;
            case ParquetKind.Unsigned64:
                writer.WriteNumberValue((ulong)_integers[value]);
                return true;
            case ParquetKind.Double when double.IsFinite(_doubles[value]):
                writer.WriteNumberValue(_doubles[value]);
                return true;
            case ParquetKind.Decimal when Wide(value) != NoDecimal:
                writer.WriteRawValue(DecimalText.Format(Wide(value), _scale), skipInputValidation: true);
                return true;
            case ParquetKind.Bytes or ParquetKind.Uuid when BytesOf(value).Length > max:
                writer.WriteBase64StringValue(BytesOf(value)[..max]);
                return false;
            case ParquetKind.Text when BytesOf(value).Length > max:
                writer.WriteStringValue(System.Text.Encoding.UTF8.GetString(BytesOf(value)[..max]));
                return false;
            case ParquetKind.Text:
                writer.WriteStringValue(Show(value));
                return Utf8.IsValid(BytesOf(value));
            default:
                writer.WriteStringValue(Show(value));
                return true;
        }
    }

    public string Show(int value) => Kind switch
    {
        ParquetKind.Bool => _integers[value] != 0 ? "true" : "false",
        ParquetKind.Double => _doubles[value].ToString("R", CultureInfo.InvariantCulture),
        ParquetKind.Decimal => Wide(value) == NoDecimal ? "a decimal of more than 38 digits" : DecimalText.Format(Wide(value), _scale),
        ParquetKind.Date when _integers[value] is >= -DateText.UnixEpochDay and <= DateText.LastDay =>
            DateTime.UnixEpoch.AddDays(_integers[value]).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ParquetKind.Time when Floor(_integers[value], out var nanos) is >= 0 and < DateText.MicrosPerDay and var micros =>
            DateTime.UnixEpoch.AddMicroseconds(micros).ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + nanos,
        ParquetKind.Timestamp when Floor(_integers[value], out var nanos) is >= DateText.FirstMicros and <= DateText.LastMicros and var micros =>
            DateTime.UnixEpoch.AddMicroseconds(micros).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + nanos + (_isUtc ? "Z" : ""),
        ParquetKind.Text => System.Text.Encoding.UTF8.GetString(BytesOf(value)),
        ParquetKind.Uuid => new Guid(BytesOf(value), bigEndian: true).ToString(),
        ParquetKind.Bytes => Convert.ToBase64String(BytesOf(value)),
        ParquetKind.Unsigned64 => ((ulong)_integers[value]).ToString(CultureInfo.InvariantCulture),
        _ => _integers[value].ToString(CultureInfo.InvariantCulture),
    };

    private static ParquetKind KindOf(PhysicalType physical, int width, LogicalType logical) => (physical, logical) switch
    {
        (PhysicalType.Boolean, NoneLogicalType or NullLogicalType) => ParquetKind.Bool,
        (PhysicalType.Int32 or PhysicalType.Int64 or PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, DecimalLogicalType { Precision: <= 38 }) =>
            ParquetKind.Decimal,
        (PhysicalType.Int32, DateLogicalType) => ParquetKind.Date,
        (PhysicalType.Int32 or PhysicalType.Int64, TimeLogicalType) => ParquetKind.Time,
        (PhysicalType.Int64, TimestampLogicalType) or (PhysicalType.Int96, _) => ParquetKind.Timestamp,
        (PhysicalType.Int64, IntLogicalType { IsSigned: false }) => ParquetKind.Unsigned64,
        (PhysicalType.Int32 or PhysicalType.Int64, IntLogicalType or NoneLogicalType or NullLogicalType) => ParquetKind.Integer,
        (PhysicalType.Float or PhysicalType.Double, NoneLogicalType or NullLogicalType) => ParquetKind.Double,
        (PhysicalType.FixedLenByteArray, Float16LogicalType) when width == 2 => ParquetKind.Double,
        (PhysicalType.ByteArray, StringLogicalType or EnumLogicalType or JsonLogicalType) => ParquetKind.Text,
        (PhysicalType.FixedLenByteArray, UuidLogicalType) when width == 16 => ParquetKind.Uuid,
        (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray, NoneLogicalType or BsonLogicalType or NullLogicalType) => ParquetKind.Bytes,
        _ => ParquetKind.Unsupported,
    };

    private bool TryMicros(long value, out long micros)
    {
        micros = value;
        switch (_unit)
        {
            case TimeUnit.Millis:
                micros = value * 1000;
                return value is > long.MinValue / 1000 and < long.MaxValue / 1000;
            case TimeUnit.Nanos when _physicalType != PhysicalType.Int96:
                micros = value / 1000;
                return value % 1000 == 0;
            default:
                return true;
        }
    }

    // Microseconds and, when there are more, the digits behind them.
    private long Floor(long value, out string nanos)
    {
        nanos = "";
        if (TryMicros(value, out var micros))
            return micros;
        if (_unit == TimeUnit.Millis)
            return long.MinValue;
        var rest = ((value % 1000) + 1000) % 1000;
        nanos = rest.ToString("D3", CultureInfo.InvariantCulture);
        return (value - rest) / 1000;
    }

    private ReadOnlySpan<byte> BytesOf(int value)
    {
        var start = value == 0 ? 0 : _ends[value - 1];
        return _bytes.AsSpan(start, _ends[value] - start);
    }

    private Int128 Wide(int value) =>
        _physicalType is PhysicalType.Int32 or PhysicalType.Int64 ? _integers[value] : ReadBigEndian(BytesOf(value));

    private int Read<TFrom, TTo>(
        ColumnReader<TFrom> reader, Span<short> definitions, Span<short> repetitions, ref TTo[] target, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
    {
        var levels = ReadBatch(reader, definitions, repetitions, out var values);
        Reserve(ref target, values.Length);
        foreach (var value in values)
            target[Count++] = convert(value);
        return levels;
    }

    private unsafe int ReadBytes<T>(
        ColumnReader<T> reader, Span<short> definitions, Span<short> repetitions, Func<T, int> length, Func<T, nint> pointer)
        where T : unmanaged
    {
        var levels = ReadBatch(reader, definitions, repetitions, out var values);
        Reserve(ref _ends, values.Length);
        var end = Bytes;
        foreach (var value in values)
        {
            var size = length(value);
            if (_bytes.Length - end < size)
                Resize(ref _bytes, Math.Max(checked(end + size), Math.Max(4096, (int)Math.Min(Array.MaxLength, _bytes.Length * 2L))));
            new ReadOnlySpan<byte>((void*)pointer(value), size).CopyTo(_bytes.AsSpan(end));
            end += size;
            _ends[Count++] = end;
        }

        return levels;
    }

    // The values are the reader's own until the next call.
    private int ReadBatch<T>(ColumnReader<T> reader, Span<short> definitions, Span<short> repetitions, out ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (_physical is not T[] physical || physical.Length < definitions.Length)
        {
            _returnPhysical?.Invoke();
            var taken = LargeArrays.Of<T>().Rent(definitions.Length);
            _physical = physical = taken;
            _returnPhysical = () => LargeArrays.Of<T>().Return(taken);
        }

        long levels, found;
        if (MaxDefinition > 0)
        {
            levels = reader.ReadBatch(definitions.Length, definitions, repetitions, physical, out found);
        }
        else
        {
            reader.ReadBatch(definitions.Length, physical.AsSpan(0, definitions.Length), out found);
            levels = found;
            definitions[..(int)found].Clear();
        }

        values = physical.AsSpan(0, (int)found);
        return levels > 0 ? (int)levels : throw new InvalidDataException("a column ends before its row group");
    }

    private void Reserve<T>(ref T[] target, int more)
    {
        if (target.Length < Count + more)
            Resize(ref target, Math.Max(Count + more, target.Length * 2));
    }

    private static void Resize<T>(ref T[] array, int length)
    {
        var other = length == 0 ? [] : LargeArrays.Of<T>().Rent(length);
        array.AsSpan(0, Math.Min(array.Length, other.Length)).CopyTo(other);
        if (array.Length > 0)
            LargeArrays.Of<T>().Return(array);
        array = other;
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

    private static unsafe double ReadHalf(FixedLenByteArray value) =>
        (double)System.Buffers.Binary.BinaryPrimitives.ReadHalfLittleEndian(new ReadOnlySpan<byte>((void*)value.Pointer, 2));
}
