using System.Buffers.Binary;
using System.IO.Hashing;
using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>Writes key files; see <see cref="KeyFile"/>.</summary>
internal static class KeyFileWriter
{
    private const int PagesAtOnce = 64;

    /// <param name="hashes">Ascending, each once.</param>
    /// <param name="times">Of each hash, microseconds since 1970; or one for all.</param>
    public static async Task WriteAsync(
        IObjectStore objects, LakePath path, ReadOnlyMemory<UInt128> hashes, ReadOnlyMemory<long> times, CancellationToken cancellationToken)
    {
        await using var target = await objects.OpenWriteAsync(path, PutCondition.None, "application/octet-stream", cancellationToken);
        var pages = KeyFile.PagesFor(hashes.Length);
        await target.WriteAsync(Head(hashes.Span, pages), cancellationToken);
        var buffer = new byte[Math.Clamp(pages, 1, PagesAtOnce) * KeyFile.PageBytes];
        for (var page = 0; page < pages; page += PagesAtOnce)
        {
            var count = Math.Min(PagesAtOnce, pages - page);
            for (var i = 0; i < count; i++)
                Fill(buffer.AsSpan(i * KeyFile.PageBytes, KeyFile.PageBytes), page + i, hashes.Span, times.Span);
            await target.WriteAsync(buffer.AsMemory(0, count * KeyFile.PageBytes), cancellationToken);
        }

        await target.CompleteAsync(cancellationToken);
    }

    public static UInt128 Checksum(ReadOnlySpan<byte> head, ReadOnlySpan<byte> filter)
    {
        var hash = new XxHash128();
        hash.Append(head[..KeyFile.ChecksumAt]);
        hash.Append(filter);
        return hash.GetCurrentHashAsUInt128();
    }

    public static ulong Checksum(ReadOnlySpan<byte> page, int number) =>
        XxHash3.HashToUInt64(page[KeyFile.PageHeaderBytes..], number) ^ BinaryPrimitives.ReadUInt32LittleEndian(page);

    private static byte[] Head(ReadOnlySpan<UInt128> hashes, int pages)
    {
        var filter = new KeyFilter(hashes.Length);
        foreach (var hash in hashes)
            filter.Add(hash);
        var bytes = filter.Bytes;
        var head = new byte[KeyFile.HeaderBytes + bytes.Length];
        KeyFile.Magic.CopyTo(head);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(8), hashes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(16), bytes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(20), pages);
        BinaryPrimitives.WriteUInt128LittleEndian(head.AsSpan(KeyFile.ChecksumAt), Checksum(head, bytes));
        bytes.CopyTo(head.AsSpan(KeyFile.HeaderBytes));
        return head;
    }

    private static void Fill(Span<byte> page, int number, ReadOnlySpan<UInt128> hashes, ReadOnlySpan<long> times)
    {
        page.Clear();
        var first = number * KeyFile.EntriesPerPage;
        var count = Math.Min(KeyFile.EntriesPerPage, hashes.Length - first);
        BinaryPrimitives.WriteInt32LittleEndian(page, count);
        for (var i = 0; i < count; i++)
        {
            var entry = page[(KeyFile.PageHeaderBytes + (i * KeyFile.EntryBytes))..];
            BinaryPrimitives.WriteUInt128BigEndian(entry, hashes[first + i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], times[times.Length == 1 ? 0 : first + i]);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(page[8..], Checksum(page, number));
    }
}
