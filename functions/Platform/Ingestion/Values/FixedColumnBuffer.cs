using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ParquetSharp;

namespace DataPlatform.Ingestion.Values;

/// <summary>A column of values of one size: bool, int, long or double.</summary>
internal class FixedColumnBuffer<T>(int maxRows) : ColumnBuffer(maxRows)
    where T : unmanaged, IComparable<T>
{
    private T[] _values = [];

    public override long Bytes => (long)Count * Unsafe.SizeOf<T>();

    public ReadOnlySpan<T> Values => _values.AsSpan(0, Count);

    public void Append(T value)
    {
        if (Count == _values.Length)
            Grow();
        _values[Count++] = value;
        AddPresentRow();
    }

    /// <param name="index">Of a value that is there.</param>
    public void Replace(int index, T value) => _values[index] = value;

    public override void WriteTo(ColumnWriter writer) =>
        ((ColumnWriter<T>)writer).WriteBatch(Rows, Levels, [], Values);

    public override (object Minimum, object Maximum)? Range()
    {
        if (Count == 0 || typeof(T) == typeof(bool))
            return null;

        var minimum = _values[0];
        var maximum = minimum;
        foreach (var value in Values)
        {
            if (value.CompareTo(minimum) < 0)
                minimum = value;
            else if (value.CompareTo(maximum) > 0)
                maximum = value;
        }

        return (minimum, maximum);
    }

    public override UInt128 IdentityOf(int value)
    {
        UInt128 identity = 0;
        MemoryMarshal.AsBytes(_values.AsSpan(value, 1)).CopyTo(MemoryMarshal.AsBytes(new Span<UInt128>(ref identity)));
        return identity;
    }

    public override void Dispose()
    {
        base.Dispose();
        if (_values.Length > 0)
            LargeArrays.Of<T>().Return(_values);
        _values = [];
    }

    protected override ulong HashOf(int value) => XxHash3.HashToUInt64(MemoryMarshal.AsBytes(_values.AsSpan(value, 1)));

    protected override void AppendFrom(ColumnBuffer source, int value) => Append(((FixedColumnBuffer<T>)source)._values[value]);

    protected override void RemoveLastValue() => Count--;

    protected override void MoveValue(int from, int to) => _values[to] = _values[from];

    private void Grow()
    {
        var larger = LargeArrays.Of<T>().Rent(Math.Max(256, _values.Length * 2));
        Values.CopyTo(larger);
        if (_values.Length > 0)
            LargeArrays.Of<T>().Return(_values);
        _values = larger;
    }
}
