using System.Buffers.Binary;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Proof;

/// <summary>The number of rows that a Parquet file itself says it has: <c>FileMetaData.num_rows</c> of its footer (parquet-format,
/// <c>parquet.thrift</c>). Reads the end of the file only.</summary>
internal static class ParquetFooter
{
    private const int TailLength = 8;
    private const int FirstRead = 16 << 10;
    private const int MaxLength = 64 << 20;
    private const int RowsField = 3;

    /// <param name="length">Of the file, as its table's log has it.</param>
    /// <exception cref="ObjectNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It does not end as a Parquet file of this length does.</exception>
    public static async Task<long> ReadRowsAsync(IObjectStore objects, LakePath path, long length, CancellationToken cancellationToken)
    {
        var end = await ReadEndAsync(objects, path, length, Math.Min(FirstRead, length), cancellationToken);
        if (end.Length < TailLength || !end.AsSpan(end.Length - 4).SequenceEqual("PAR1"u8))
            throw new InvalidDataException($"it does not end as a Parquet file of {length} bytes");

        var footer = (long)BinaryPrimitives.ReadUInt32LittleEndian(end.AsSpan(end.Length - TailLength));
        if (footer + TailLength > length || footer > MaxLength)
            throw new InvalidDataException("its footer is damaged");
        if (footer + TailLength > end.Length)
            end = await ReadEndAsync(objects, path, length, footer + TailLength, cancellationToken);
        return RowsOf(end.AsSpan(end.Length - TailLength - (int)footer, (int)footer));
    }

    private static async Task<byte[]> ReadEndAsync(IObjectStore objects, LakePath path, long length, long count, CancellationToken cancellationToken)
    {
        // One byte more than there should be: a longer file is another one.
        await using var stream = await objects.OpenReadAsync(path, new ByteRange(length - count, count + 1), cancellationToken);
        var end = new byte[count + 1];
        var read = await stream.ReadAtLeastAsync(end, end.Length, throwOnEndOfStream: false, cancellationToken);
        return read == count ? end[..^1] : throw new InvalidDataException($"it has not the {length} bytes that the log says");
    }

    private static long RowsOf(ReadOnlySpan<byte> footer)
    {
        var reader = new ThriftReader(footer);
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            if (id == RowsField && type == ThriftReader.I64)
                return reader.ReadInteger();
            reader.Skip(type);
        }

        throw new InvalidDataException("its footer does not say how many rows it has");
    }
}
