using System.Globalization;
using System.Text;

namespace DataPlatform.Ingestion.Expressions;

/// <summary>Functions of texts. Characters are Unicode code points.</summary>
internal static class TextFunctions
{
    /// <summary>The longest text that an expression makes.</summary>
    public const int MaxBytes = 1 << 20;

    public static long Length(ReadOnlySpan<byte> text)
    {
        var characters = 0;
        foreach (var b in text)
        {
            if (!IsContinuation(b))
                characters++;
        }

        return characters;
    }

    /// <summary>The characters from <paramref name="start"/>, counted from 1 or, below 0, from the end.</summary>
    public static ReadOnlyMemory<byte> Substring(ReadOnlyMemory<byte> text, long start, long? count)
    {
        var characters = Length(text.Span);
        var first = (Int128)(start < 0 ? characters + start : start - 1);
        var end = count is { } given ? first + given : characters;
        if (end < first)
            (first, end) = (end, first);
        var from = (long)Int128.Clamp(first, 0, characters);
        var to = (long)Int128.Clamp(end, from, characters);
        var begin = OffsetOf(text.Span, from);
        return text[begin..(begin + OffsetOf(text.Span[begin..], to - from))];
    }

    /// <summary>The first characters; below 0 all but so many at the end.</summary>
    public static ReadOnlyMemory<byte> Left(ReadOnlyMemory<byte> text, long count)
    {
        var keep = count >= 0 ? count : Math.Max(0, Length(text.Span) + Math.Max(count, -(long)int.MaxValue));
        return text[..OffsetOf(text.Span, keep)];
    }

    /// <summary>The last characters; below 0 all but so many at the beginning.</summary>
    public static ReadOnlyMemory<byte> Right(ReadOnlyMemory<byte> text, long count)
    {
        var characters = Length(text.Span);
        var skip = count >= 0 ? Math.Max(0, characters - Math.Min(count, characters)) : Math.Min(characters, -Math.Max(count, -(long)int.MaxValue));
        return text[OffsetOf(text.Span, skip)..];
    }

    /// <summary>Without the characters of <paramref name="set"/> at its ends; without a set, without space separators.</summary>
    public static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> text, ReadOnlyMemory<byte>? set, bool start, bool end)
    {
        while (start && text.Length > 0)
        {
            Rune.DecodeFromUtf8(text.Span, out var rune, out var length);
            if (!IsIn(rune, set))
                break;
            text = text[length..];
        }

        while (end && text.Length > 0)
        {
            Rune.DecodeLastFromUtf8(text.Span, out var rune, out var length);
            if (!IsIn(rune, set))
                break;
            text = text[..^length];
        }

        return text;
    }

    public static ReadOnlyMemory<byte> ChangeCase(ReadOnlyMemory<byte> text, bool upper, TextScratch scratch)
    {
        if (Ascii.IsValid(text.Span))
        {
            var target = scratch.Take(text.Length);
            _ = upper ? Ascii.ToUpper(text.Span, target, out var written) : Ascii.ToLower(text.Span, target, out written);
            return scratch.Written(written);
        }

        // A character may take one byte more in the other case.
        var rest = text.Span;
        var room = scratch.Take(rest.Length * 2);
        var at = 0;
        while (rest.Length > 0)
        {
            Rune.DecodeFromUtf8(rest, out var rune, out var length);
            at += (upper ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune)).EncodeToUtf8(room[at..]);
            rest = rest[length..];
        }

        return scratch.Written(at);
    }

    public static bool TryReplace(ReadOnlySpan<byte> text, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, TextScratch scratch, RowFault fault, out ReadOnlyMemory<byte> result)
    {
        result = default;
        var count = from.IsEmpty ? 0 : text.Count(from);
        var length = text.Length + (count * ((long)to.Length - from.Length));
        if (length > MaxBytes && length > text.Length)
            return fault.Set(RowFault.TooLong);

        var target = scratch.Take((int)length);
        while (count > 0 && text.IndexOf(from) is var at and >= 0)
        {
            text[..at].CopyTo(target);
            to.CopyTo(target[at..]);
            target = target[(at + to.Length)..];
            text = text[(at + from.Length)..];
        }

        text.CopyTo(target);
        result = scratch.Written((int)length);
        return true;
    }

    public static bool TryPad(
        ReadOnlyMemory<byte> text, long length, ReadOnlyMemory<byte> padding, bool left, TextScratch scratch, RowFault fault, out ReadOnlyMemory<byte> result)
    {
        result = text;
        var characters = Length(text.Span);
        length = Math.Max(0, length);
        if (characters >= length)
        {
            result = Left(text, length);
            return true;
        }

        if (padding.IsEmpty)
            return fault.Set("a text cannot be padded with nothing");
        if (length > MaxBytes)
            return fault.Set(RowFault.TooLong);

        var missing = length - characters;
        var step = Length(padding.Span);
        var tail = Left(padding, missing % step);
        var bytes = text.Length + (missing / step * padding.Length) + tail.Length;
        if (bytes > MaxBytes)
            return fault.Set(RowFault.TooLong);

        var target = scratch.Take((int)bytes);
        if (!left)
        {
            text.Span.CopyTo(target);
            target = target[text.Length..];
        }

        for (var i = 0L; i < missing / step; i++)
        {
            padding.Span.CopyTo(target);
            target = target[padding.Length..];
        }

        tail.Span.CopyTo(target);
        if (left)
            text.Span.CopyTo(target[tail.Length..]);
        result = scratch.Written((int)bytes);
        return true;
    }

    /// <summary>The part with a number, from 1 or, below 0, from the end; empty when there is none.</summary>
    public static ReadOnlyMemory<byte> Split(ReadOnlyMemory<byte> text, ReadOnlyMemory<byte> separator, long part)
    {
        if (part == 0)
            return default;
        if (separator.IsEmpty)
            return part == long.MinValue ? default : Character(text, part);

        var parts = text.Span.Count(separator.Span) + 1L;
        var wanted = part > 0 ? part - 1 : parts + part;
        if (wanted < 0 || wanted >= parts)
            return default;
        for (; wanted > 0; wanted--)
            text = text[(text.Span.IndexOf(separator.Span) + separator.Length)..];
        var end = text.Span.IndexOf(separator.Span);
        return end < 0 ? text : text[..end];
    }

    /// <summary>Place of the first appearance in characters, from 1; 0 when there is none.</summary>
    public static long Position(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        var at = text.IndexOf(part);
        return at < 0 ? 0 : Length(text[..at]) + 1;
    }

    /// <summary><c>%</c> is any text, <c>_</c> any character; <paramref name="escape"/> takes their meaning away.</summary>
    public static bool Like(ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern, int escape)
    {
        int t = 0, p = 0, backText = -1, backPattern = -1;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '%' && escape != '%')
            {
                (backText, backPattern) = (t, ++p);
                continue;
            }

            if (p < pattern.Length && pattern[p] == escape && p + 1 < pattern.Length && pattern[p + 1] == text[t])
            {
                p += 2;
                t++;
            }
            else if (p < pattern.Length && pattern[p] == '_' && escape != '_')
            {
                p++;
                t += CharacterLength(text[t..]);
            }
            else if (p < pattern.Length && pattern[p] != escape && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (backPattern >= 0)
            {
                // Only the last % need be tried again: what stood before it fits already.
                backText += CharacterLength(text[backText..]);
                (t, p) = (backText, backPattern);
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '%' && escape != '%')
            p++;
        return p == pattern.Length;
    }

    private static bool IsContinuation(byte b) => (b & 0xC0) == 0x80;

    private static int CharacterLength(ReadOnlySpan<byte> text)
    {
        var length = 1;
        while (length < text.Length && IsContinuation(text[length]))
            length++;
        return length;
    }

    /// <summary>Bytes that so many characters take.</summary>
    private static int OffsetOf(ReadOnlySpan<byte> text, long characters)
    {
        if (characters >= text.Length)
            return text.Length;
        var at = 0;
        for (; characters > 0 && at < text.Length; characters--)
            at += CharacterLength(text[at..]);
        return at;
    }

    private static ReadOnlyMemory<byte> Character(ReadOnlyMemory<byte> text, long part)
    {
        var characters = Length(text.Span);
        var wanted = part > 0 ? part : characters + part + 1;
        return wanted < 1 || wanted > characters ? default : Substring(text, wanted, 1);
    }

    private static bool IsIn(Rune rune, ReadOnlyMemory<byte>? set)
    {
        if (set is null)
            return Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator;
        foreach (var candidate in EnumerateRunes(set.Value))
        {
            if (candidate == rune)
                return true;
        }

        return false;
    }

    private static IEnumerable<Rune> EnumerateRunes(ReadOnlyMemory<byte> text)
    {
        while (text.Length > 0)
        {
            Rune.DecodeFromUtf8(text.Span, out var rune, out var length);
            yield return rune;
            text = text[length..];
        }
    }
}
