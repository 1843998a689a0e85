namespace DataPlatform.Ingestion.Readers;

/// <summary>Reads Thrift's compact protocol, in which Parquet keeps its headers: as much of it as looking before reading needs.</summary>
/// <exception cref="InvalidDataException">From every member: the bytes are no such thing.</exception>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    public const int I32 = 5;
    public const int I64 = 6;
    public const int List = 9;
    public const int Struct = 12;

    private const int MaxDepth = 32;

    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _at;

    /// <summary>Goes to a struct's next field, which is then to be read or skipped.</summary>
    /// <param name="id">The field before, 0 at first; becomes this one's.</param>
    /// <param name="type">One of Thrift's types; true and false are types of their own.</param>
    /// <returns>False at the struct's end.</returns>
    public bool NextField(ref int id, out int type)
    {
        var header = ReadByte();
        type = header & 0xF;
        if (type == 0)
            return false;
        id = header >> 4 is > 0 and var delta ? id + delta : (int)ReadInteger();
        return true;
    }

    /// <returns>How many items follow.</returns>
    public int ReadList(out int type)
    {
        var header = ReadByte();
        type = header & 0xF;
        var count = header >> 4 == 15 ? ReadVarint() : (ulong)(header >> 4);
        return count <= int.MaxValue ? (int)count : throw Broken();
    }

    public long ReadInteger()
    {
        var value = ReadVarint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public void Skip(int type) => Skip(type, 0);

    private static InvalidDataException Broken() => new("its metadata is damaged");

    private void Skip(int type, int depth)
    {
        if (depth > MaxDepth)
            throw Broken();
        switch (type)
        {
            case 1 or 2: // the type says it
                break;
            case 3:
                Advance(1);
                break;
            case 4 or I32 or I64:
                ReadVarint();
                break;
            case 7:
                Advance(8);
                break;
            case 8:
                var length = ReadVarint();
                Advance(length <= int.MaxValue ? (int)length : throw Broken());
                break;
            case List or 10:
                for (var left = ReadList(out var items); left > 0; left--)
                    SkipItem(items, depth);
                break;
            case 11:
                SkipMap(depth);
                break;
            case Struct:
                for (var id = 0; NextField(ref id, out var field);)
                    Skip(field, depth + 1);
                break;
            default:
                throw Broken();
        }
    }

    private void SkipMap(int depth)
    {
        var count = ReadVarint();
        if (count == 0)
            return;
        var types = ReadByte();
        for (; count > 0; count--)
        {
            SkipItem(types >> 4, depth);
            SkipItem(types & 0xF, depth);
        }
    }

    // In lists and maps a bool is a byte.
    private void SkipItem(int type, int depth) => Skip(type is 1 or 2 ? 3 : type, depth + 1);

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw Broken();
    }

    private byte ReadByte() => _at < _bytes.Length ? _bytes[_at++] : throw Broken();

    private void Advance(int count) => _at = count <= _bytes.Length - _at ? _at + count : throw Broken();
}
