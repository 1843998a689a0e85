using System.Buffers;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Finds where an element of a JSON text ends, over any number of windows. It follows strings and brackets only, so that an element
/// that is no JSON still has an end.</summary>
internal sealed class JsonElementScanner
{
    private static readonly SearchValues<byte> Marks = SearchValues.Create("\"{}[],"u8);

    private int _depth;
    private bool _inString;

    /// <summary>Bytes of the element that were looked at.</summary>
    public int Scanned { get; set; }

    public void Restart() => (_depth, _inString, Scanned) = (0, false, 0);

    /// <summary>Goes on to the comma or bracket that ends an array's element.</summary>
    /// <param name="text">From the element's first byte on.</param>
    /// <returns>False when the element goes on behind the text; else <see cref="Scanned"/> is the place of the comma or bracket.</returns>
    public bool TryFindEnd(ReadOnlySpan<byte> text)
    {
        while (TryFindMark(text, out var mark))
        {
            if (_depth == 0 && mark is (byte)',' or (byte)']')
                return true;
            Pass(mark);
        }

        return false;
    }

    /// <summary>Goes on to the bracket that closes the object that the text starts with.</summary>
    /// <returns>False when it goes on behind the text; else <see cref="Scanned"/> is the place behind the bracket.</returns>
    public bool TryFindObjectEnd(ReadOnlySpan<byte> text)
    {
        while (TryFindMark(text, out var mark))
        {
            Pass(mark);
            if (_depth == 0 && !_inString)
                return true;
        }

        return false;
    }

    private void Pass(byte mark)
    {
        if (mark == '"')
            _inString = true;
        else if (mark is (byte)'{' or (byte)'[')
            _depth++;
        else if (mark != ',' && _depth > 0)
            _depth--; // a closing bracket without an opening one is the element's own fault
        Scanned++;
    }

    // Skips strings.
    private bool TryFindMark(ReadOnlySpan<byte> text, out byte mark)
    {
        while (true)
        {
            var rest = text[Scanned..];
            var at = _inString ? rest.IndexOfAny((byte)'"', (byte)'\\') : rest.IndexOfAny(Marks);
            if (at < 0)
            {
                Scanned = text.Length;
                mark = 0;
                return false;
            }

            Scanned += at;
            mark = text[Scanned];
            if (!_inString)
                return true;
            if (mark == '"')
            {
                _inString = false;
                Scanned++;
            }
            else if (Scanned + 1 < text.Length)
            {
                Scanned += 2;
            }
            else
            {
                mark = 0;
                return false; // what the backslash belongs to is not there yet
            }
        }
    }
}
