using System.Buffers.Binary;

namespace DataPlatform.Local.EventHubs.Protocol;

/// <summary>Walks over encoded AMQP values without decoding them.</summary>
internal static class AmqpEncoding
{
    /// <summary>Deeper values are refused before the recursive decoder meets them.</summary>
    private const int MaxDepth = 32;

    /// <summary>Bytes of the value at the start of <paramref name="encoded"/>, its format code included.</summary>
    /// <exception cref="AmqpFaultException">It is cut off, or no AMQP value.</exception>
    public static int Measure(ReadOnlySpan<byte> encoded) => Measure(encoded, 0);

    /// <summary>Refuses what is nested too deeply, or says that it is longer than it is.</summary>
    /// <exception cref="AmqpFaultException">So it is.</exception>
    public static void Check(ReadOnlySpan<byte> encoded)
    {
        while (!encoded.IsEmpty)
            encoded = encoded[CheckValue(encoded, 0)..];
    }

    /// <summary>The code of the described value (a section, a performative) at the start; the value begins at <paramref name="valueAt"/>.</summary>
    /// <exception cref="AmqpFaultException">There is no value with a numeric descriptor.</exception>
    public static ulong ReadDescriptor(ReadOnlySpan<byte> encoded, out int valueAt)
    {
        if (encoded.Length >= 3 && encoded[0] == FormatCodes.Described)
        {
            if (encoded[1] == FormatCodes.SmallULong)
            {
                valueAt = 3;
                return encoded[2];
            }

            if (encoded[1] == FormatCodes.ULong && encoded.Length >= 10)
            {
                valueAt = 10;
                return BinaryPrimitives.ReadUInt64BigEndian(encoded[2..]);
            }
        }

        throw Broken("a section does not begin with a numeric descriptor");
    }

    /// <summary>What is in a list or map: where its items begin, and how many there are.</summary>
    /// <exception cref="AmqpFaultException">The value is neither.</exception>
    public static ReadOnlySpan<byte> ReadItems(ReadOnlySpan<byte> encoded, out int count)
    {
        var length = Measure(encoded);
        switch (encoded[0])
        {
            case FormatCodes.List0:
                count = 0;
                return [];
            case FormatCodes.List8 or FormatCodes.Map8 when length >= 3:
                count = encoded[2];
                return encoded[3..length];
            case FormatCodes.List32 or FormatCodes.Map32 when length >= 9:
                count = BinaryPrimitives.ReadInt32BigEndian(encoded[5..]);
                return count >= 0 ? encoded[9..length] : throw Broken("a list has a negative number of items");
            default:
                throw Broken("a list or map was expected");
        }
    }

    /// <summary>The bytes of a binary, string or symbol.</summary>
    /// <exception cref="AmqpFaultException">The value is none of them.</exception>
    public static ReadOnlySpan<byte> ReadBytes(ReadOnlySpan<byte> encoded)
    {
        var length = Measure(encoded);
        return encoded[0] switch
        {
            FormatCodes.Binary8 or FormatCodes.String8 or FormatCodes.Symbol8 => encoded[2..length],
            FormatCodes.Binary32 or FormatCodes.String32 or FormatCodes.Symbol32 => encoded[5..length],
            _ => throw Broken("bytes or text was expected"),
        };
    }

    private static int Measure(ReadOnlySpan<byte> encoded, int depth)
    {
        if (encoded.IsEmpty || depth > MaxDepth)
            throw Broken(depth > MaxDepth ? "values are nested too deeply" : "a value is cut off");
        if (encoded[0] == FormatCodes.Described)
        {
            var descriptor = 1 + Measure(encoded[1..], depth + 1);
            return descriptor + Measure(encoded[descriptor..], depth + 1);
        }

        // The upper half of a format code tells how wide the value is, or how wide its length.
        var length = (encoded[0] >> 4) switch
        {
            0x4 => 1,
            0x5 => 2,
            0x6 => 3,
            0x7 => 5,
            0x8 => 9,
            0x9 => 17,
            0xA or 0xC or 0xE => encoded.Length < 2 ? long.MaxValue : 2L + encoded[1],
            0xB or 0xD or 0xF => encoded.Length < 5 ? long.MaxValue : 5L + BinaryPrimitives.ReadUInt32BigEndian(encoded[1..]),
            _ => throw Broken($"0x{encoded[0]:X2} is no format code"),
        };
        return length <= encoded.Length ? (int)length : throw Broken("a value is cut off");
    }

    private static int CheckValue(ReadOnlySpan<byte> encoded, int depth)
    {
        var length = Measure(encoded, depth);
        switch (encoded[0])
        {
            case FormatCodes.Described:
                var descriptor = 1 + CheckValue(encoded[1..], depth + 1);
                CheckValue(encoded[descriptor..], depth + 1);
                break;
            case FormatCodes.List8 or FormatCodes.List32 or FormatCodes.Map8 or FormatCodes.Map32:
                var items = ReadItems(encoded[..length], out var count);
                for (var i = 0; i < count; i++)
                    items = items[CheckValue(items, depth + 1)..];
                break;
            case FormatCodes.Array8 or FormatCodes.Array32:
                CheckArray(encoded[..length], depth + 1);
                break;
        }

        return length;
    }

    private static void CheckArray(ReadOnlySpan<byte> encoded, int depth)
    {
        var countAt = encoded[0] == FormatCodes.Array8 ? 2 : 5;
        var width = countAt == 2 ? 1 : 4;
        if (encoded.Length <= countAt + width)
            throw Broken("an array is cut off");
        var count = width == 1 ? encoded[countAt] : BinaryPrimitives.ReadUInt32BigEndian(encoded[countAt..]);
        var item = encoded[(countAt + width)];
        // Arrays of lists or described values have no place in what we decode, and cost the decoder its stack.
        if (item == FormatCodes.Described || item >> 4 >= 0xC || depth > MaxDepth)
            throw Broken("an array of composite values is not taken");
        if (count > encoded.Length)
            throw Broken("an array has more items than bytes");
    }

    private static AmqpFaultException Broken(string what) => new(global::Amqp.ErrorCode.DecodeError, $"The frame or message cannot be decoded: {what}.");
}
