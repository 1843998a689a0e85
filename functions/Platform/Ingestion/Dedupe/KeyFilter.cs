using System.Runtime.InteropServices;

namespace DataPlatform.Ingestion.Dedupe;

/// <summary>
/// A split block Bloom filter with 10 bits a key: says "not there" for sure, and "there" wrongly for about one key in 80. A key sets one bit
/// in each of the eight words of one block of 32 bytes, so a look costs one cache line. The scheme is that of Parquet's Bloom filters
/// (parquet-format, BloomFilter.md) over our own hashes.
/// </summary>
internal sealed class KeyFilter
{
    private const int BlockWords = 8;
    private const int BlockBits = BlockWords * 32;
    private const int BitsPerKey = 10;
    private static readonly uint[] Salts =
        [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31];

    private readonly uint[] _words;

    public KeyFilter(int keys) => _words = new uint[BytesFor(keys) / sizeof(uint)];

    /// <summary>The filter as it is stored (little-endian, as all machines are that this runs on).</summary>
    public Span<byte> Bytes => MemoryMarshal.AsBytes(_words.AsSpan());

    public static int BytesFor(int keys) => checked((int)Math.Max(1, (((long)keys * BitsPerKey) + BlockBits - 1) / BlockBits) * BlockBits / 8);

    public void Add(UInt128 hash)
    {
        var block = BlockOf(hash);
        var low = (uint)hash;
        for (var i = 0; i < BlockWords; i++)
            block[i] |= 1u << (int)((low * Salts[i]) >> 27);
    }

    public bool MayContain(UInt128 hash)
    {
        var block = BlockOf(hash);
        var low = (uint)hash;
        for (var i = 0; i < BlockWords; i++)
        {
            if ((block[i] & (1u << (int)((low * Salts[i]) >> 27))) == 0)
                return false;
        }

        return true;
    }

    private Span<uint> BlockOf(UInt128 hash)
    {
        var block = (int)((((ulong)hash >> 32) * (ulong)(_words.Length / BlockWords)) >> 32);
        return _words.AsSpan(block * BlockWords, BlockWords);
    }
}
