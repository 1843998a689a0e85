using System.Security.Cryptography;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Expressions;

namespace DataPlatform.Ingestion.Values;

/// <summary>Makes of a personal value what may be kept of it.</summary>
/// <param name="key">For hashes; null when no field needs one.</param>
internal sealed class PiiProtector(byte[]? key)
{
    private readonly byte[] _hash = new byte[HMACSHA256.HashSizeInBytes];
    private readonly TextScratch _text = new();

    /// <returns>False when nothing is kept: the value becomes null.</returns>
    public bool TryProtect(ReadOnlySpan<byte> value, PiiRule rule, out ReadOnlySpan<byte> kept)
    {
        kept = default;
        switch (rule)
        {
            case PiiRule.Hash:
                HMACSHA256.HashData(key!, value, _hash);
                var hex = _text.Take(_hash.Length * 2);
                Convert.TryToHexStringLower(_hash, hex, out _);
                kept = hex;
                return true;
            case PiiRule.Mask:
                kept = Mask(value);
                return true;
            default:
                return false;
        }
    }

    private Span<byte> Mask(ReadOnlySpan<byte> value)
    {
        var target = _text.Take(value.Length * 3);
        var written = 0;
        while (value.Length > 0)
        {
            Rune.DecodeFromUtf8(value, out var rune, out var length);
            if (Rune.IsLetter(rune))
                target[written++] = (byte)'x';
            else if (Rune.IsDigit(rune) || Rune.IsNumber(rune))
                target[written++] = (byte)'0';
            else
                written += rune.EncodeToUtf8(target[written..]);
            value = value[length..];
        }

        return target[..written];
    }
}
