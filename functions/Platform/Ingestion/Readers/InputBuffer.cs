using System.Text;

namespace DataPlatform.Ingestion.Readers;

/// <summary>A window on a body: the bytes from <see cref="Position"/> to <see cref="End"/> are there to read. It slides forward and grows
/// only when one row needs it.</summary>
/// <param name="size">Of the window, in bytes, until a row needs more.</param>
internal sealed class InputBuffer(Stream body, int size) : IDisposable
{
    /// <summary>Readable (but meaningless) bytes behind <see cref="End"/>, for vector loads.</summary>
    public const int Padding = 64;

    private long _before;

    public byte[] Bytes { get; private set; } = LargeArrays.Of<byte>().Rent(size + Padding);

    public int Position { get; set; }

    public int End { get; private set; }

    /// <summary>No byte comes behind <see cref="End"/>.</summary>
    public bool IsLast { get; private set; }

    /// <summary>All bytes of the window are ASCII.</summary>
    public bool IsAscii { get; private set; }

    public ReadOnlySpan<byte> Rest => Bytes.AsSpan(Position, End - Position);

    /// <summary>Bytes of the body before an index of the window.</summary>
    public long OffsetOf(int index) => _before + index;

    /// <summary>Drops what lies before <see cref="Position"/> and reads more, as much as there is room for.</summary>
    public async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var rest = End - Position;
        if (rest > (Bytes.Length - Padding) / 2)
        {
            var larger = LargeArrays.Of<byte>().Rent(((Bytes.Length - Padding) * 2) + Padding);
            Bytes.AsSpan(Position, rest).CopyTo(larger);
            LargeArrays.Of<byte>().Return(Bytes);
            Bytes = larger;
        }
        else
        {
            Bytes.AsSpan(Position, rest).CopyTo(Bytes);
        }

        _before += Position;
        Position = 0;
        End = rest;
        while (End < Bytes.Length - Padding)
        {
            var read = await body.ReadAsync(Bytes.AsMemory(End, Bytes.Length - Padding - End), cancellationToken);
            if (read == 0)
            {
                IsLast = true;
                break;
            }

            End += read;
        }

        IsAscii = Ascii.IsValid(Rest);
    }

    /// <summary>Skips the mark that some writers put before UTF-8 text.</summary>
    public void SkipByteOrderMark()
    {
        if (!Rest.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            return;
        Position += 3;
        IsAscii = Ascii.IsValid(Rest);
    }

    public void Dispose()
    {
        LargeArrays.Of<byte>().Return(Bytes);
        Bytes = [];
    }
}
