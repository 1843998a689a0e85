using System.Buffers;

namespace DataPlatform.Files;

/// <summary>Compares streams of any length with little memory.</summary>
internal static class SameBytes
{
    private const int BufferSize = 64 << 10;

    public static async Task<bool> AreAsync(Stream first, Stream second, CancellationToken cancellationToken)
    {
        var (one, other) = (ArrayPool<byte>.Shared.Rent(BufferSize), ArrayPool<byte>.Shared.Rent(BufferSize));
        try
        {
            while (true)
            {
                var read = await first.ReadAtLeastAsync(one.AsMemory(0, BufferSize), BufferSize, throwOnEndOfStream: false, cancellationToken);
                if (read != await second.ReadAtLeastAsync(other.AsMemory(0, BufferSize), BufferSize, throwOnEndOfStream: false, cancellationToken)
                    || !one.AsSpan(0, read).SequenceEqual(other.AsSpan(0, read)))
                {
                    return false;
                }

                if (read < BufferSize)
                    return true;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(one);
            ArrayPool<byte>.Shared.Return(other);
        }
    }
}
