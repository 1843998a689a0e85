using System.Runtime.InteropServices;

namespace DataPlatform.Lake;

/// <summary>Memory as a stream, without a copy; the SDK rewinds it to repeat a request.</summary>
internal static class MemoryStreams
{
    public static MemoryStream Over(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var array)
            ? new MemoryStream(array.Array ?? [], array.Offset, array.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false);
}
