using System.IO.Hashing;
using ParquetSharp;

namespace DataPlatform.Ingestion.Values;

/// <summary>A column of texts (UTF-8) or binaries.</summary>
internal sealed unsafe class BytesColumnBuffer(int maxRows, bool isText) : ColumnBuffer(maxRows)
{
    // Nobody outside knows it, so nobody can make texts whose hashes are the same.
    private static readonly long Seed = Random.Shared.NextInt64();

    private byte[] _data = [];
    private int[] _ends = [];

    public override long Bytes => Used + (sizeof(int) * (long)Count);

    private int Used => Count == 0 ? 0 : _ends[Count - 1];

    public ReadOnlySpan<byte> this[int value]
    {
        get
        {
            var start = value == 0 ? 0 : _ends[value - 1];
            return _data.AsSpan(start, _ends[value] - start);
        }
    }

    /// <summary>The newest value; good until the next is appended.</summary>
    public ReadOnlyMemory<byte> Last
    {
        get
        {
            var start = Count < 2 ? 0 : _ends[Count - 2];
            return _data.AsMemory(start, Used - start);
        }
    }

    public void Append(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Reserve(value.Length));
        Commit(value.Length);
    }

    /// <summary>Room for a value that the caller writes in place; <see cref="Commit"/> makes it a row.</summary>
    public Span<byte> Reserve(int length)
    {
        var used = Used;
        if (_data.Length - used < length)
        {
            var larger = LargeArrays.Of<byte>().Rent(Math.Max(used + length, Math.Max(4096, _data.Length * 2)));
            _data.AsSpan(0, used).CopyTo(larger);
            if (_data.Length > 0)
                LargeArrays.Of<byte>().Return(_data);
            _data = larger;
        }

        return _data.AsSpan(used, length);
    }

    public void Commit(int length)
    {
        var end = Used + length;
        if (Count == _ends.Length)
        {
            var larger = LargeArrays.Of<int>().Rent(Math.Max(256, _ends.Length * 2));
            _ends.AsSpan(0, Count).CopyTo(larger);
            if (_ends.Length > 0)
                LargeArrays.Of<int>().Return(_ends);
            _ends = larger;
        }

        _ends[Count++] = end;
        AddPresentRow();
    }

    public override void WriteTo(ColumnWriter writer)
    {
        var pointers = LargeArrays.Of<ByteArray>().Rent(Math.Max(1, Count));
        fixed (byte* data = _data)
        {
            var start = 0;
            for (var i = 0; i < Count; i++)
            {
                pointers[i] = new ByteArray((nint)(data + start), _ends[i] - start);
                start = _ends[i];
            }

            ((ColumnWriter<ByteArray>)writer).WriteBatch(Rows, Levels, [], pointers.AsSpan(0, Count));
        }

        LargeArrays.Of<ByteArray>().Return(pointers);
    }

    public override (object Minimum, object Maximum)? Range()
    {
        if (Count == 0 || !isText)
            return null;

        int minimum = 0, maximum = 0;
        for (var i = 1; i < Count; i++)
        {
            if (this[i].SequenceCompareTo(this[minimum]) < 0)
                minimum = i;
            else if (this[i].SequenceCompareTo(this[maximum]) > 0)
                maximum = i;
        }

        return (this[minimum].ToArray(), this[maximum].ToArray());
    }

    public override UInt128 IdentityOf(int value) => XxHash128.HashToUInt128(this[value], Seed);

    public override void Dispose()
    {
        base.Dispose();
        if (_data.Length > 0)
            LargeArrays.Of<byte>().Return(_data);
        if (_ends.Length > 0)
            LargeArrays.Of<int>().Return(_ends);
        _data = [];
        _ends = [];
    }

    protected override ulong HashOf(int value) => XxHash3.HashToUInt64(this[value]);

    protected override void AppendFrom(ColumnBuffer source, int value) => Append(((BytesColumnBuffer)source)[value]);

    protected override void RemoveLastValue() => Count--;

    protected override void MoveValue(int from, int to)
    {
        // Values only move towards the front, so the source is never overwritten before it is read.
        if (from == to)
            return;
        var value = this[from];
        var start = to == 0 ? 0 : _ends[to - 1];
        value.CopyTo(_data.AsSpan(start));
        _ends[to] = start + value.Length;
    }
}
