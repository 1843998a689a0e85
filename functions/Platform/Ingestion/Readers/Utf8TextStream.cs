using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// Turns a text body into UTF-8, piece by piece. A byte order mark decides, whatever was said of the encoding. UTF-8 passes as it is.
/// Half of a surrogate pair or of a UTF-16 unit becomes bytes that are no UTF-8, so that the row with it is refused and no other.
/// </summary>
internal sealed class Utf8TextStream(Stream body, TextEncoding encoding) : InputStream
{
    private const int Piece = 16 << 10;
    private const int MaxUtf8PerChar = 3;

    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    private readonly char[] _chars = new char[Piece];
    private TextEncoding _encoding = encoding;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Piece);
    private byte[] _text = [];
    private int _end;
    private int _charEnd;
    private int _textAt;
    private int _textEnd;
    private bool _started;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_started)
            await StartAsync(cancellationToken);
        while (_textAt == _textEnd)
        {
            if (_encoding == TextEncoding.Utf8)
                return await body.ReadAsync(buffer, cancellationToken);
            if (_ended)
                return 0;
            await DecodeAsync(cancellationToken);
        }

        var length = Math.Min(buffer.Length, _textEnd - _textAt);
        _text.AsSpan(_textAt, length).CopyTo(buffer.Span);
        _textAt += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        base.Dispose(disposing);
    }

    private async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _started = true;
        _end = await body.ReadAtLeastAsync(_bytes.AsMemory(0, Piece), 4, throwOnEndOfStream: false, cancellationToken);
        var head = _bytes.AsSpan(0, _end);
        if (head.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]) || head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]))
            throw UnreadableFile.At("byte 0", "it is UTF-32", "Convert it to UTF-8.");
        if (head.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            _encoding = TextEncoding.Utf8;
        else if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            Mark(TextEncoding.Utf16);
        else if (head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            Mark(TextEncoding.Utf16BigEndian);

        if (_encoding == TextEncoding.Utf8)
        {
            (_text, _textEnd) = (_bytes, _end);
        }
        else
        {
            _text = new byte[(Piece + 1) * MaxUtf8PerChar];
            Decode();
        }
    }

    private void Mark(TextEncoding encoding)
    {
        _encoding = encoding;
        _bytes.AsSpan(2, _end - 2).CopyTo(_bytes);
        _end -= 2;
    }

    private async ValueTask DecodeAsync(CancellationToken cancellationToken)
    {
        var read = await body.ReadAsync(_bytes.AsMemory(_end, Piece - 4 - _end), cancellationToken);
        _ended = read == 0;
        _end += read;
        Decode();
    }

    // From _bytes over _chars to _text; what is half of something stays for the next time.
    private void Decode()
    {
        var bytes = _bytes.AsSpan(0, _end);
        if (_encoding is TextEncoding.Utf16 or TextEncoding.Utf16BigEndian)
        {
            var units = MemoryMarshal.Cast<byte, ushort>(bytes);
            var target = MemoryMarshal.Cast<char, ushort>(_chars.AsSpan(_charEnd));
            if ((_encoding == TextEncoding.Utf16BigEndian) == BitConverter.IsLittleEndian)
                BinaryPrimitives.ReverseEndianness(units, target);
            else
                units.CopyTo(target);
            _charEnd += units.Length;
            _end -= units.Length * sizeof(char);
            _bytes[0] = bytes.Length > 0 ? bytes[^1] : (byte)0;
        }
        else
        {
            var from = _encoding == TextEncoding.Latin1 ? Encoding.Latin1 : Windows1252;
            _charEnd += from.GetChars(bytes, _chars.AsSpan(_charEnd));
            _end = 0;
        }

        Encode();
    }

    private void Encode()
    {
        (_textAt, _textEnd) = (0, 0);
        ReadOnlySpan<char> chars = _chars.AsSpan(0, _charEnd);
        while (!chars.IsEmpty)
        {
            var status = Utf8.FromUtf16(chars, _text.AsSpan(_textEnd), out var read, out var written, replaceInvalidSequences: false, isFinalBlock: _ended);
            _textEnd += written;
            chars = chars[read..];
            if (status == OperationStatus.NeedMoreData)
                break;
            if (status != OperationStatus.InvalidData)
                continue;

            // A surrogate by itself in the form that UTF-8 forbids.
            _text[_textEnd++] = 0xED;
            _text[_textEnd++] = (byte)(0x80 | ((chars[0] >> 6) & 0x3F));
            _text[_textEnd++] = (byte)(0x80 | (chars[0] & 0x3F));
            chars = chars[1..];
        }

        chars.CopyTo(_chars);
        _charEnd = chars.Length;
        if (_ended && _end == 1)
        {
            _text[_textEnd++] = 0xFF;
            _end = 0;
        }
    }
}
