using System.Buffers.Binary;
using System.IO.Hashing;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>
/// Turns a key's values into a hash of 128 bits (XXH128) that depends on the values only: integers of any width, decimals of any scale and
/// both zeros of a float are encoded alike, and values of different kinds never are.
/// </summary>
internal sealed class KeyEncoder
{
    private byte[] _bytes = new byte[256];
    private int _length;

    public void AddInteger(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take((byte)'i', sizeof(long)), value);

    public void AddBool(bool value) => Take((byte)'b', 1)[0] = value ? (byte)1 : (byte)0;

    /// <param name="days">Since 1970.</param>
    public void AddDate(long days) => BinaryPrimitives.WriteInt64LittleEndian(Take((byte)'d', sizeof(long)), days);

    /// <param name="micros">Since 1970.</param>
    public void AddTimestamp(long micros) => BinaryPrimitives.WriteInt64LittleEndian(Take((byte)'t', sizeof(long)), micros);

    public void AddFloat(double value) =>
        BinaryPrimitives.WriteDoubleLittleEndian(Take((byte)'f', sizeof(double)), double.IsNaN(value) ? double.NaN : value + 0.0);

    /// <param name="unscaled">The value times ten to the power of <paramref name="scale"/>.</param>
    public void AddDecimal(Int128 unscaled, int scale)
    {
        while (scale > 0)
        {
            var (shorter, digit) = Int128.DivRem(unscaled, 10);
            if (digit != 0)
                break;
            unscaled = shorter;
            scale--;
        }

        var target = Take((byte)'n', 17);
        BinaryPrimitives.WriteInt128LittleEndian(target, unscaled);
        target[16] = (byte)scale;
    }

    /// <param name="text">As <see cref="DecimalText.Format"/> and the SQL engine write it.</param>
    public void AddDecimal(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        var scale = point < 0 ? 0 : text.Length - point - 1;
        if (!DecimalText.TryParse(text, 38, scale, out var unscaled))
            throw new FormatException("A decimal of the table cannot be read.");
        AddDecimal(unscaled, scale);
    }

    public void AddText(ReadOnlySpan<byte> value) => AddBytes((byte)'s', value);

    public void AddBinary(ReadOnlySpan<byte> value) => AddBytes((byte)'x', value);

    /// <summary>Ends the key and starts the next.</summary>
    /// <returns>Never zero.</returns>
    public UInt128 Finish()
    {
        var hash = XxHash128.HashToUInt128(_bytes.AsSpan(0, _length));
        _length = 0;
        return hash == UInt128.Zero ? UInt128.One : hash;
    }

    // With its length, so that no two keys run together.
    private void AddBytes(byte kind, ReadOnlySpan<byte> value)
    {
        var target = Take(kind, sizeof(int) + value.Length);
        BinaryPrimitives.WriteInt32LittleEndian(target, value.Length);
        value.CopyTo(target[sizeof(int)..]);
    }

    private Span<byte> Take(byte kind, int length)
    {
        var end = _length + 1 + length;
        if (end > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
        _bytes[_length] = kind;
        var target = _bytes.AsSpan(_length + 1, length);
        _length = end;
        return target;
    }
}
