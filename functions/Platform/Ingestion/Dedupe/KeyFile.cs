using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>
/// What memory keeps of a data file's key file. The file itself, all numbers little-endian:
/// <code>
/// 0   "DPKEYS1\n"
/// 8   int64   keys
/// 16  int32   bytes of the filter
/// 20  int32   pages
/// 24  int64   0
/// 32  XXH128 of bytes 0 to 32 and of the filter
/// 48  filter, then pages of 4096 bytes:
///       0   int32   entries, int32 0
///       8   XXH3 of the rest of the page, seeded with its number
///       16  entries by hash: 16 bytes hash (high half first), int64 time (_ingested_at of the newest such row, microseconds since 1970)
/// </code>
/// </summary>
/// <param name="Length">Bytes of the file.</param>
internal sealed record KeyFile(LakePath Path, long Keys, KeyFilter Filter, int Pages, long Length)
{
    public const int HeaderBytes = 48;
    public const int ChecksumAt = 32;
    public const int PageBytes = 4096;
    public const int PageHeaderBytes = 16;
    public const int EntryBytes = 24;
    public const int EntriesPerPage = (PageBytes - PageHeaderBytes) / EntryBytes;

    public static ReadOnlySpan<byte> Magic => "DPKEYS1\n"u8;

    public long PagesAt => Length - ((long)Pages * PageBytes);

    /// <summary>Bytes it takes in memory.</summary>
    public int Bytes => Filter.Bytes.Length + 200;

    public static int PagesFor(int keys) => (keys + EntriesPerPage - 1) / EntriesPerPage;
}
