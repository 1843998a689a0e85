using System.Buffers.Binary;
using ParquetSharp;

namespace DataPlatform.Ingestion.Values;

/// <summary>Decimals of more than 18 digits: unscaled, big-endian, in 16 bytes.</summary>
internal sealed unsafe class WideDecimalColumnBuffer(int maxRows) : FixedColumnBuffer<Int128>(maxRows)
{
    public const int Width = 16;

    public override void WriteTo(ColumnWriter writer)
    {
        var bytes = new byte[Count * Width];
        var values = Values;
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt128BigEndian(bytes.AsSpan(i * Width), values[i]);

        var pointers = new FixedLenByteArray[values.Length];
        fixed (byte* start = bytes)
        {
            for (var i = 0; i < pointers.Length; i++)
                pointers[i] = new FixedLenByteArray((nint)(start + (i * Width)));
            ((ColumnWriter<FixedLenByteArray>)writer).WriteBatch(Rows, Levels, [], pointers);
        }
    }
}
