namespace DataPlatform.Ingestion.Expressions;

/// <summary>Room for the text that one term makes; used again for each row.</summary>
internal sealed class TextScratch
{
    private byte[] _bytes = [];

    public Span<byte> Take(int length)
    {
        if (_bytes.Length < length)
            _bytes = new byte[Math.Max(length, Math.Max(64, Math.Min(_bytes.Length * 2, TextFunctions.MaxBytes)))];
        return _bytes.AsSpan(0, length);
    }

    public ReadOnlyMemory<byte> Written(int length) => _bytes.AsMemory(0, length);

    public ReadOnlyMemory<byte> Put(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Take(text.Length));
        return Written(text.Length);
    }
}
