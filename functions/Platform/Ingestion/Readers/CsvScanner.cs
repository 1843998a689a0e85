using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// Finds the records of CSV text (RFC 4180) and the values in them. Delimiters, quotes and line ends are found 64 bytes at a time;
/// a record with a quote in it is scanned again by itself. A record ends with LF, CR or CRLF, also mixed.
/// </summary>
/// <remarks>
/// A quote within a value that does not start with one is a character like any other, but at the value's end it closes what was never
/// opened: then the record is broken.
/// A record that breaks the quoting ends where the damage most likely ends. If its first line, quotes aside, has as many values as
/// the header, a quote went astray in it and the next line is a record again. Else line ends may have belonged to a quoted value, so
/// the record goes to the end of the line in which it broke: a piece of a text must never pass for a row.
/// A quote that is not closed within four times the longest record counts as never closed. None of this depends on where windows end.
/// </remarks>
internal sealed class CsvScanner(InputBuffer input, CsvDialect dialect, int maxRecord)
{
    private const int None = -1;

    private readonly long _maxQuoted = 4L * maxRecord;
    private readonly byte _delimiter = (byte)dialect.Delimiter;
    private readonly int _quote = dialect.Quote ?? None;
    private readonly int _comment = dialect.Comment ?? None;
    private readonly Vector256<byte> _delimiters = Vector256.Create((byte)dialect.Delimiter);
    private readonly Vector256<byte> _quotes = Vector256.Create((byte)(dialect.Quote ?? dialect.Delimiter));
    private readonly SearchValues<byte> _ends =
        SearchValues.Create((byte)'\n', (byte)'\r', (byte)dialect.Delimiter, (byte)(dialect.Quote ?? dialect.Delimiter));

    private int[] _starts = new int[64];
    private int[] _lengths = new int[64];
    private bool[] _quoted = new bool[64];
    private bool[] _escaped = new bool[64];
    private int _chunk = -64;
    private ulong _marks;
    private bool _afterCarriageReturn;

    /// <summary>Values in the newest record.</summary>
    public int Count { get; private set; }

    /// <summary>Where the newest record starts in the input's window.</summary>
    public int Start { get; private set; }

    /// <summary>Where it ends, without its line end.</summary>
    public int End { get; private set; }

    /// <summary>Line ends within the record.</summary>
    public int InnerLines { get; private set; }

    public bool HasQuotes { get; private set; }

    /// <summary>How many values a record should have; 0 before the header is known.</summary>
    public int Expected { get; set; }

    public ReadOnlySpan<byte> Raw => input.Bytes.AsSpan(Start, End - Start);

    /// <summary>The record goes on behind the window: the rest of its line is to be skipped.</summary>
    public bool IsCut { get; private set; }

    public bool IsBlank => Count == 1 && Start == End;

    /// <summary>The window has moved: marks are looked for anew.</summary>
    public void Restart() => MoveTo(input.Position);

    /// <summary>Scans the record at the input's position and moves behind it, unless it <see cref="CsvFault.NeedsMore"/>.</summary>
    public CsvFault Next()
    {
        IsCut = false;
        var bytes = input.Bytes;
        var end = input.End;
        ref var origin = ref MemoryMarshal.GetArrayDataReference(bytes);
        var start = input.Position;
        var valueStart = start;
        var count = 0;
        var chunk = _chunk;
        var marks = _marks;
        var delimiter = _delimiter;
        var quote = _quote;
        while (true)
        {
            while (marks == 0)
            {
                chunk += 64;
                if (chunk >= end)
                    return AtEnd(start, valueStart, count);
                marks = MarksOf(ref origin, chunk);
                if (chunk + 64 > end)
                    marks &= (1UL << (end - chunk)) - 1;
            }

            var at = chunk + BitOperations.TrailingZeroCount(marks);
            marks &= marks - 1;
            var mark = bytes[at];
            if (mark == delimiter)
            {
                if (count >= _starts.Length - 1)
                    Grow();
                _starts[count] = valueStart;
                _lengths[count++] = at - valueStart;
                valueStart = at + 1;
            }
            else if (mark == quote)
            {
                return NextQuoted(start);
            }
            else if (mark == '\n' && at == start && _afterCarriageReturn)
            {
                // The second half of a CRLF.
                _afterCarriageReturn = false;
                start = at + 1;
                valueStart = start;
                input.Position = start;
            }
            else
            {
                _starts[count] = valueStart;
                _lengths[count++] = at - valueStart;
                _afterCarriageReturn = mark == '\r';
                _chunk = chunk;
                _marks = marks;
                return Finish(start, at, at + 1, count);
            }
        }
    }

    /// <summary>The value as it stands, without its outer quotes.</summary>
    public ReadOnlySpan<byte> Value(int index, ref byte[] scratch)
    {
        var value = input.Bytes.AsSpan(_starts[index], _lengths[index]);
        return HasQuotes && _escaped[index] ? Unescape(value, ref scratch) : value;
    }

    public bool IsQuoted(int index) => HasQuotes && _quoted[index];

    /// <summary>Gives up on the newest record but for its first line, and moves behind that.</summary>
    public void ShrinkToFirstLine()
    {
        var length = input.Bytes.AsSpan(Start, input.End - Start).IndexOfAny((byte)'\n', (byte)'\r');
        IsCut = length < 0 && !input.IsLast;
        End = length < 0 ? input.End : Start + length;
        InnerLines = 0;
        MoveBehindLine(End);
    }

    /// <summary>Whether the next record would be a comment.</summary>
    public bool IsAtComment()
    {
        if (_comment == None)
            return false;
        if (_afterCarriageReturn && input.Position < input.End)
        {
            _afterCarriageReturn = false;
            if (input.Bytes[input.Position] == '\n')
                MoveTo(input.Position + 1);
        }

        return input.Position < input.End && input.Bytes[input.Position] == _comment;
    }

    /// <summary>Moves behind the next line end, or to the end of the window.</summary>
    /// <returns>False when there was no line end.</returns>
    public bool TrySkipLine()
    {
        var length = input.Rest.IndexOfAny((byte)'\n', (byte)'\r');
        MoveBehindLine(length < 0 ? input.End : input.Position + length);
        return length >= 0;
    }

    /// <summary>Whether the first line of the newest record alone, quotes aside, has as many values as are expected.</summary>
    public bool FirstLineIsWhole()
    {
        var span = input.Bytes.AsSpan(Start, input.End - Start);
        var length = span.IndexOfAny((byte)'\n', (byte)'\r');
        return length >= 0 && span[..length].Count(_delimiter) == Expected - 1;
    }

    private ulong MarksOf(ref byte origin, int at)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            return MarksOf(Vector256.LoadUnsafe(ref origin, (nuint)at))
                | ((ulong)MarksOf(Vector256.LoadUnsafe(ref origin, (nuint)at + 32)) << 32);
        }

        ulong marks = 0;
        for (var i = 0; i < 64; i += 16)
            marks |= (ulong)MarksOf(Vector128.LoadUnsafe(ref origin, (nuint)(at + i))) << i;
        return marks;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint MarksOf(Vector256<byte> bytes) =>
        (Vector256.Equals(bytes, _delimiters) | Vector256.Equals(bytes, Vector256.Create((byte)'\n'))
            | Vector256.Equals(bytes, Vector256.Create((byte)'\r')) | Vector256.Equals(bytes, _quotes))
        .ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint MarksOf(Vector128<byte> bytes) =>
        (Vector128.Equals(bytes, _delimiters.GetLower()) | Vector128.Equals(bytes, Vector128.Create((byte)'\n'))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\r')) | Vector128.Equals(bytes, _quotes.GetLower()))
        .ExtractMostSignificantBits();

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> value, ref byte[] scratch)
    {
        if (scratch.Length < value.Length)
            scratch = new byte[value.Length * 2];
        var length = 0;
        while (true)
        {
            var quote = value.IndexOf((byte)_quote);
            if (quote < 0)
                break;
            value[..(quote + 1)].CopyTo(scratch.AsSpan(length));
            length += quote + 1;
            value = value[(quote + 2)..];
        }

        value.CopyTo(scratch.AsSpan(length));
        return scratch.AsSpan(0, length + value.Length);
    }

    // The window ends before the record does.
    private CsvFault AtEnd(int start, int valueStart, int count)
    {
        if (!input.IsLast)
            return input.End - start > maxRecord ? TooLong(start, input.End) : CsvFault.NeedsMore;
        if (start == input.End)
            return CsvFault.NeedsMore; // and the caller sees that there is no more

        _starts[count] = valueStart;
        _lengths[count++] = input.End - valueStart;
        _marks = 0;
        _chunk = input.End - 64;
        return Finish(start, input.End, input.End, count);
    }

    private CsvFault Finish(int start, int end, int next, int count)
    {
        Start = start;
        End = end;
        Count = count;
        InnerLines = 0;
        HasQuotes = false;
        input.Position = next;
        return end - start > maxRecord ? CsvFault.TooLong : CsvFault.None;
    }

    private CsvFault NextQuoted(int start)
    {
        var limit = Math.Min(input.End, start + _maxQuoted);
        var bytes = input.Bytes.AsSpan(0, (int)limit);
        var isLast = input.IsLast && limit == input.End;
        var atLimit = limit == start + _maxQuoted;
        var at = start;
        Start = start;
        Count = 0;
        HasQuotes = true;
        while (true)
        {
            if (Count >= _starts.Length - 1)
                Grow();

            var quoted = at < bytes.Length && bytes[at] == _quote;
            var escaped = false;
            int valueEnd, next;
            if (quoted)
            {
                var from = at + 1;
                while (true)
                {
                    var quote = bytes[from..].IndexOf((byte)_quote);
                    if (quote < 0 || (from + quote + 1 == bytes.Length && !isLast))
                        return isLast || atLimit ? Unclosed() : NeedsMore();

                    valueEnd = from + quote;
                    if (valueEnd + 1 == bytes.Length || bytes[valueEnd + 1] != _quote)
                        break;
                    escaped = true;
                    from = valueEnd + 2;
                }

                at++;
                next = valueEnd + 1;
                if (next < bytes.Length && !EndsValue(bytes[next]))
                    return Broken(CsvFault.TextAfterQuote, next);
            }
            else
            {
                next = at;
                while (true)
                {
                    var mark = bytes[next..].IndexOfAny(_ends);
                    next = mark < 0 ? bytes.Length : next + mark;
                    var atQuote = mark >= 0 && bytes[next] == _quote;
                    if (!isLast && (mark < 0 || (atQuote && next + 1 == bytes.Length)))
                        return bytes.Length - start > maxRecord ? TooLong(start, bytes.Length) : NeedsMore();
                    if (!atQuote)
                        break;
                    if (next + 1 == bytes.Length || EndsValue(bytes[next + 1]))
                        return Broken(CsvFault.StrayQuote, next);
                    next++;
                }

                valueEnd = next;
            }

            _starts[Count] = at;
            _lengths[Count] = valueEnd - at;
            _quoted[Count] = quoted;
            _escaped[Count] = escaped;
            Count++;
            if (next < bytes.Length && bytes[next] == _delimiter)
            {
                at = next + 1;
                continue;
            }

            End = next;
            InnerLines = CountLines(Raw);
            if (End - Start > maxRecord)
                return TooLong(End);
            MoveBehindLine(next);
            return CsvFault.None;
        }
    }

    private bool EndsValue(byte next) => next == _delimiter || next is (byte)'\n' or (byte)'\r';

    private CsvFault Unclosed()
    {
        // Nothing closes it, so no line end here is known to belong to a value.
        ShrinkToFirstLine();
        return End - Start > maxRecord ? CsvFault.TooLong : CsvFault.UnclosedQuote;
    }

    private CsvFault Broken(CsvFault fault, int at)
    {
        var bytes = input.Bytes.AsSpan(0, input.End);
        InnerLines = CountLines(bytes[Start..at]);
        if (InnerLines > 0 && FirstLineIsWhole())
        {
            ShrinkToFirstLine();
            return fault;
        }

        var length = bytes[at..].IndexOfAny((byte)'\n', (byte)'\r');
        if (length < 0 && !input.IsLast)
            return bytes.Length - Start > maxRecord ? TooLong(Start, bytes.Length) : NeedsMore();
        End = length < 0 ? bytes.Length : at + length;
        MoveBehindLine(End);
        return End - Start > maxRecord ? CsvFault.TooLong : fault;
    }

    private CsvFault NeedsMore()
    {
        MoveTo(input.Position);
        return CsvFault.NeedsMore;
    }

    // The record goes on: the caller skips to the next line end.
    private CsvFault TooLong(int start, int end)
    {
        Start = start;
        End = end;
        InnerLines = CountLines(Raw);
        if (InnerLines > 0 && FirstLineIsWhole())
        {
            ShrinkToFirstLine();
            return CsvFault.UnclosedQuote;
        }

        HasQuotes = false;
        IsCut = true;
        _afterCarriageReturn = false;
        MoveTo(end);
        return CsvFault.TooLong;
    }

    // The record has ended.
    private CsvFault TooLong(int end)
    {
        if (InnerLines > 0 && FirstLineIsWhole())
        {
            ShrinkToFirstLine();
            return CsvFault.UnclosedQuote;
        }

        MoveBehindLine(end);
        return CsvFault.TooLong;
    }

    private void MoveBehindLine(int end)
    {
        _afterCarriageReturn = end < input.End && input.Bytes[end] == '\r';
        MoveTo(Math.Min(end + 1, input.End));
    }

    private void MoveTo(int position)
    {
        input.Position = position;
        _chunk = position - 64;
        _marks = 0;
    }

    private static int CountLines(ReadOnlySpan<byte> text)
    {
        var lines = 0;
        while (true)
        {
            var at = text.IndexOfAny((byte)'\n', (byte)'\r');
            if (at < 0)
                return lines;
            lines++;
            text = text[(at + (text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1))..];
        }
    }

    private void Grow()
    {
        Array.Resize(ref _starts, _starts.Length * 2);
        Array.Resize(ref _lengths, _lengths.Length * 2);
        Array.Resize(ref _quoted, _quoted.Length * 2);
        Array.Resize(ref _escaped, _escaped.Length * 2);
    }
}
