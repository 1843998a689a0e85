using System.Text;

namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>Which partition a key belongs to: as the service and its clients reckon, so that all of them agree.</summary>
internal static class PartitionKeys
{
    /// <summary>From 0 to <paramref name="partitions"/> − 1.</summary>
    public static int Partition(string key, int partitions)
    {
        Span<byte> bytes = stackalloc byte[512];
        var length = Encoding.UTF8.GetByteCount(key);
        bytes = length <= bytes.Length ? bytes[..length] : new byte[length];
        Encoding.UTF8.GetBytes(key, bytes);
        var (b, c) = Hash(bytes);
        return Math.Abs((short)(c ^ b) % partitions);
    }

    /// <summary>Bob Jenkins' lookup3 (<c>hashlittle2</c>) with both seeds 0.</summary>
    private static (uint B, uint C) Hash(ReadOnlySpan<byte> data)
    {
        var a = 0xDEADBEEF + (uint)data.Length;
        var b = a;
        var c = a;
        while (data.Length > 12)
        {
            a += Word(data);
            b += Word(data[4..]);
            c += Word(data[8..]);
            Mix(ref a, ref b, ref c);
            data = data[12..];
        }

        if (data.IsEmpty)
            return (b, c);
        Span<byte> rest = stackalloc byte[12];
        rest.Clear();
        data.CopyTo(rest);
        a += Word(rest);
        b += Word(rest[4..]);
        c += Word(rest[8..]);
        Final(ref a, ref b, ref c);
        return (b, c);
    }

    private static uint Word(ReadOnlySpan<byte> bytes) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static void Mix(ref uint a, ref uint b, ref uint c)
    {
        Step(ref a, ref c, ref b, 4);
        Step(ref b, ref a, ref c, 6);
        Step(ref c, ref b, ref a, 8);
        Step(ref a, ref c, ref b, 16);
        Step(ref b, ref a, ref c, 19);
        Step(ref c, ref b, ref a, 4);
    }

    // x -= y; x ^= rot(y, k); y += z
    private static void Step(ref uint x, ref uint y, ref uint z, int rotate)
    {
        x -= y;
        x ^= uint.RotateLeft(y, rotate);
        y += z;
    }

    private static void Final(ref uint a, ref uint b, ref uint c)
    {
        c ^= b;
        c -= uint.RotateLeft(b, 14);
        a ^= c;
        a -= uint.RotateLeft(c, 11);
        b ^= a;
        b -= uint.RotateLeft(a, 25);
        c ^= b;
        c -= uint.RotateLeft(b, 16);
        a ^= c;
        a -= uint.RotateLeft(c, 4);
        b ^= a;
        b -= uint.RotateLeft(a, 14);
        c ^= b;
        c -= uint.RotateLeft(b, 24);
    }
}
