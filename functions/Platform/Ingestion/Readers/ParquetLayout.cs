using System.Buffers.Binary;
using DataPlatform.Failures;
using Microsoft.Win32.SafeHandles;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// What a Parquet file says of its own size, looked at before a reader believes it: the reader takes memory for a page as large as the page's
/// header claims, and recurses as deep as the schema is. Format: parquet-format, <c>parquet.thrift</c>.
/// </summary>
internal sealed class ParquetLayout
{
    private const int TailLength = 8;
    private const int PageHeaderBytes = 4 << 10;
    private const int MaxPageHeaderBytes = 16 << 20;
    private const int BytesOfAnyValue = 4;
    private const string Fix = "Write the file with smaller pages or row groups, or send it in parts.";

    private readonly List<List<ParquetChunk>> _groups = [];
    private long _rows;

    private ParquetLayout(long length) => FileLength = length;

    public long FileLength { get; }

    /// <summary>Columns, those within columns counted one by one.</summary>
    public int Leaves { get; private set; }

    /// <returns>Null when the file does not end as Parquet does: what is wrong with it, its reader says best.</returns>
    /// <exception cref="TerminalException"><c>UnreadableFile</c> or <c>UnfoldsTooLarge</c>: past a limit.</exception>
    /// <exception cref="InvalidDataException">The footer is damaged.</exception>
    public static ParquetLayout? Read(SafeFileHandle file, IngestionLimits limits)
    {
        var length = RandomAccess.GetLength(file);
        Span<byte> tail = stackalloc byte[TailLength];
        if (length < TailLength || RandomAccess.Read(file, tail, length - TailLength) < TailLength || !tail[4..].SequenceEqual("PAR1"u8))
            return null;

        var footerLength = BinaryPrimitives.ReadUInt32LittleEndian(tail);
        if (footerLength > length - TailLength)
            return null;
        if (footerLength > limits.MaxParquetFooterBytes)
            throw UnreadableFile.At("the footer", $"it has {footerLength} bytes, of {limits.MaxParquetFooterBytes} allowed", Fix);

        var footer = new byte[footerLength];
        if (RandomAccess.Read(file, footer, length - TailLength - footerLength) < footer.Length)
            return null;
        var layout = new ParquetLayout(length);
        layout.ReadFooter(footer, limits);
        layout.CheckRows(limits);
        return layout;
    }

    /// <summary>Checks that the pages of a row group's columns fit into memory, those that are needed at one time.</summary>
    /// <exception cref="TerminalException"><c>UnfoldsTooLarge</c>.</exception>
    public void CheckPages(SafeFileHandle file, int group, IEnumerable<int> columns, IngestionLimits limits)
    {
        long bytes = 0;
        foreach (var column in columns)
        {
            if (group < _groups.Count && column < _groups[group].Count)
                bytes += LargestPages(file, _groups[group][column]);
            if (bytes > limits.MaxParquetPageBytes)
            {
                throw new TerminalException(FailureKind.TooLarge, "UnfoldsTooLarge",
                    $"The pages of row group {group} unfold to more than {limits.MaxParquetPageBytes} bytes at one time. Nothing was stored. {Fix}", $"row group {group}");
            }
        }
    }

    /// <summary>What values may unfold to, in bytes.</summary>
    public long MaxUnfolded(IngestionLimits limits) =>
        Math.Min(limits.MaxUnfoldedBytes, Math.Max(IngestionLimits.UnfoldRatioFrom, FileLength * limits.MaxParquetRatio));

    public TerminalException TooLarge(IngestionLimits limits) => new(FailureKind.TooLarge, "UnfoldsTooLarge",
        $"The Parquet file unfolds to more than {MaxUnfolded(limits)} bytes. Nothing was stored. Send it in smaller files.");

    private void CheckRows(IngestionLimits limits)
    {
        if (_rows < 0 || _rows > MaxUnfolded(limits) / BytesOfAnyValue / Math.Max(1, Leaves))
            throw TooLarge(limits);
    }

    private void ReadFooter(ReadOnlySpan<byte> footer, IngestionLimits limits)
    {
        var reader = new ThriftReader(footer);
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            switch (id)
            {
                case 2 when type == ThriftReader.List:
                    ReadSchema(ref reader, limits);
                    break;
                case 4 when type == ThriftReader.List:
                    for (var left = reader.ReadList(out _); left > 0; left--)
                        ReadGroup(ref reader);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }

    // The schema is a tree in a list: each element says how many of the following are its own.
    private void ReadSchema(ref ThriftReader reader, IngestionLimits limits)
    {
        var open = new Stack<long>();
        for (var left = reader.ReadList(out _); left > 0; left--)
        {
            long children = 0;
            for (var id = 0; reader.NextField(ref id, out var type);)
            {
                if (id == 5 && type == ThriftReader.I32)
                    children = reader.ReadInteger();
                else
                    reader.Skip(type);
            }

            while (open.TryPop(out var siblings))
            {
                if (siblings <= 0)
                    continue;
                open.Push(siblings - 1);
                break;
            }

            if (children > 0)
                open.Push(children);
            else
                Leaves++;
            if (open.Count > limits.MaxJsonDepth)
                throw UnreadableFile.At("the footer", $"its columns are nested deeper than {limits.MaxJsonDepth}", "Write it with less nesting.");
        }

        if (Leaves > limits.MaxColumns)
            throw UnreadableFile.At("the footer", $"it has {Leaves} columns, of {limits.MaxColumns} allowed", "Send fewer columns.");
    }

    private void ReadGroup(ref ThriftReader reader)
    {
        List<ParquetChunk> chunks = [];
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            if (id == 1 && type == ThriftReader.List)
            {
                for (var left = reader.ReadList(out _); left > 0; left--)
                    chunks.Add(ReadChunk(ref reader));
            }
            else if (id == 3 && type == ThriftReader.I64)
            {
                _rows = Math.Max(_rows, 0) + reader.ReadInteger() is >= 0 and var rows ? rows : long.MaxValue;
            }
            else
            {
                reader.Skip(type);
            }
        }

        _groups.Add(chunks);
    }

    private static ParquetChunk ReadChunk(ref ThriftReader reader)
    {
        long data = 0, dictionary = 0, length = 0;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            if (id != 3 || type != ThriftReader.Struct)
            {
                reader.Skip(type);
                continue;
            }

            for (var member = 0; reader.NextField(ref member, out var kind);)
            {
                if (kind == ThriftReader.I64 && member is 7 or 9 or 11)
                {
                    var value = reader.ReadInteger();
                    (length, data, dictionary) = member switch { 7 => (value, data, dictionary), 9 => (length, value, dictionary), _ => (length, data, value) };
                }
                else
                {
                    reader.Skip(kind);
                }
            }
        }

        return new ParquetChunk(dictionary > 0 && dictionary < data ? dictionary : data, length);
    }

    // A reader holds a dictionary and one page of data.
    private long LargestPages(SafeFileHandle file, ParquetChunk chunk)
    {
        if (chunk.Start < 0 || chunk.Length < 0 || chunk.Length > FileLength - chunk.Start)
            throw new InvalidDataException("a column chunk lies outside the file");
        long data = 0, dictionary = 0;
        var end = chunk.Start + chunk.Length;
        var bytes = new byte[PageHeaderBytes];
        for (var at = chunk.Start; at < end;)
        {
            var (header, kind, folded, unfolded) = ReadPage(file, at, ref bytes);
            if (folded < 0 || unfolded < 0)
                throw new InvalidDataException("a page's header is damaged");
            if (kind == 2)
                dictionary = Math.Max(dictionary, unfolded);
            else
                data = Math.Max(data, unfolded);
            at += header + folded;
        }

        return data + dictionary;
    }

    private static (int Header, long Kind, long Folded, long Unfolded) ReadPage(SafeFileHandle file, long at, ref byte[] bytes)
    {
        while (true)
        {
            var read = RandomAccess.Read(file, bytes, at);
            try
            {
                return ReadPage(bytes.AsSpan(0, read));
            }
            catch (InvalidDataException) when (read == bytes.Length && read < MaxPageHeaderBytes)
            {
                Array.Resize(ref bytes, read * 4); // statistics of long texts may make a header long
            }
        }
    }

    private static (int Header, long Kind, long Folded, long Unfolded) ReadPage(ReadOnlySpan<byte> bytes)
    {
        var reader = new ThriftReader(bytes);
        long kind = 0, unfolded = -1, folded = -1;
        for (var id = 0; reader.NextField(ref id, out var type);)
        {
            if (type != ThriftReader.I32 || id > 3)
                reader.Skip(type);
            else if (id == 1)
                kind = reader.ReadInteger();
            else if (id == 2)
                unfolded = reader.ReadInteger();
            else
                folded = reader.ReadInteger();
        }

        return (reader.Position, kind, folded, unfolded);
    }
}
