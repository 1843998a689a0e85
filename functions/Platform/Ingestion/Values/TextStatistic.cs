using System.Text;

namespace DataPlatform.Ingestion.Values;

/// <summary>Bounds of texts for <c>add.stats</c>: short, and never inside the range they bound.</summary>
internal static class TextStatistic
{
    public const int MaxCharacters = 32;

    /// <summary>The text itself when it is short; else its first 32 characters, for a maximum with the last of them that can be
    /// raised replaced by its successor.</summary>
    /// <returns>Null when no text of this length is above <paramref name="utf8"/>.</returns>
    public static string? Bound(ReadOnlySpan<byte> utf8, bool isMaximum)
    {
        var runes = new List<Rune>(MaxCharacters);
        var rest = utf8;
        while (rest.Length > 0 && runes.Count < MaxCharacters)
        {
            Rune.DecodeFromUtf8(rest, out var rune, out var consumed);
            runes.Add(rune);
            rest = rest[consumed..];
        }

        if (rest.Length > 0 && isMaximum && !TryRaise(runes))
            return null;

        var text = new StringBuilder(runes.Count);
        foreach (var rune in runes)
            text.Append(rune.ToString());
        return text.ToString();
    }

    private static bool TryRaise(List<Rune> runes)
    {
        while (runes.Count > 0)
        {
            var next = runes[^1].Value + 1;
            if (next == 0xD800)
                next = 0xE000; // surrogates are not characters
            if (Rune.IsValid(next))
            {
                runes[^1] = new Rune(next);
                return true;
            }

            runes.RemoveAt(runes.Count - 1);
        }

        return false;
    }
}
