using System.Buffers;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Readers;

/// <summary>
/// Reads a JSON text (RFC 8259), element by element: an array whose elements are rows, or one or more objects with nothing but white space
/// between them. What is wrong within an element breaks that row; what is wrong between elements, or leaves the array open, the whole body.
/// </summary>
/// <param name="parser">Knows the collector's columns from the bodies before, if there were some.</param>
internal sealed class JsonRowReader(Stream body, IngestionLimits limits, JsonRowParser? parser = null, JsonShape shape = JsonShape.Any) : RowReader
{

    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\r\n"u8);

    private readonly string _fix = shape switch
    {
        JsonShape.Object => "Send one event, a JSON object.",
        JsonShape.Array => "Send a JSON array of events.",
        _ => "Send a JSON array of objects, or objects one after the other.",
    };

    private readonly InputBuffer _input = new(body, limits.WindowBytes);
    private readonly JsonRowParser _parser = parser ?? new(limits);
    private readonly JsonElementScanner _scanner = new();
    private JsonPlace _place = JsonPlace.Start;
    private long _line = 1;
    private long _elementLine;
    private long _elementOffset;
    private bool _skipping;

    public override async ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        if (_place == JsonPlace.Start)
        {
            _parser.Start(rows);
            await _input.FillAsync(cancellationToken);
            _input.SkipByteOrderMark();
            _place = JsonPlace.Text;
        }

        while (!rows.IsFull)
        {
            if (!TryAdvance(rows))
            {
                if (_input.IsLast)
                    return End();
                await _input.FillAsync(cancellationToken);
                return true;
            }
        }

        return true;
    }

    public override void Dispose()
    {
        _input.Dispose();
        base.Dispose();
    }

    /// <returns>False when that takes more input.</returns>
    private bool TryAdvance(RowCollector rows)
    {
        if (_place is JsonPlace.Element or JsonPlace.Object)
            return TryReadElement(rows);

        var start = _input.Rest.IndexOfAnyExcept(WhiteSpace);
        Consume(start < 0 ? _input.Rest.Length : start);
        if (start < 0)
            return false;

        var next = _input.Rest[0];
        switch (_place)
        {
            case JsonPlace.Text when next == '[' && shape != JsonShape.Object:
                Consume(1);
                _place = JsonPlace.FirstElement;
                return true;
            case JsonPlace.Text when next == '{' && shape != JsonShape.Array:
            case JsonPlace.Objects when next == '{' && shape == JsonShape.Any:
                Open(JsonPlace.Object);
                return true;
            case JsonPlace.FirstElement when next == ']':
                Consume(1);
                _place = JsonPlace.End;
                return true;
            case JsonPlace.FirstElement or JsonPlace.NextElement:
                Open(JsonPlace.Element);
                return true;
            case JsonPlace.Text:
                throw Broken($"it is {shape switch { JsonShape.Object => "no JSON object", JsonShape.Array => "no JSON array", _ => "neither a JSON array nor an object" }}");
            case JsonPlace.Objects when shape == JsonShape.Object:
                throw Broken("something follows the object");
            case JsonPlace.Objects:
                throw Broken("something other than an object follows the object before");
            default:
                throw Broken("something follows the array");
        }
    }

    private void Open(JsonPlace place)
    {
        _place = place;
        _elementLine = _line;
        _elementOffset = _input.OffsetOf(_input.Position);
        _scanner.Restart();
    }

    private bool TryReadElement(RowCollector rows)
    {
        var text = _input.Rest;
        var found = _place == JsonPlace.Object ? _scanner.TryFindObjectEnd(text) : _scanner.TryFindEnd(text);
        if (_scanner.Scanned > limits.MaxRowBytes && !_skipping)
        {
            _parser.RefuseLong(rows, text[.._scanner.Scanned], _elementLine, _elementOffset);
            _skipping = true;
        }

        if (!found)
        {
            if (_skipping)
            {
                Consume(_scanner.Scanned);
                _scanner.Scanned = 0;
            }

            return false;
        }

        var element = text[.._scanner.Scanned];
        if (!_skipping)
            Read(rows, element);
        _skipping = false;
        var isLast = _place == JsonPlace.Element && text[_scanner.Scanned] == ']';
        Consume(element.Length + (_place == JsonPlace.Element ? 1 : 0));
        _place = _place == JsonPlace.Object ? JsonPlace.Objects : isLast ? JsonPlace.End : JsonPlace.NextElement;
        return true;
    }

    private void Read(RowCollector rows, ReadOnlySpan<byte> element)
    {
        if (element.IsEmpty)
            throw Broken("an element is missing before this comma or bracket");
        _parser.ReadRow(rows, element[..(element.LastIndexOfAnyExcept(WhiteSpace) + 1)], _input.IsAscii, _elementLine, _elementOffset);
    }

    /// <returns>False: there is no more.</returns>
    private bool End() => _place switch
    {
        JsonPlace.End or JsonPlace.Objects => false,
        JsonPlace.Text => throw Broken("it is empty"),
        JsonPlace.Element or JsonPlace.Object => throw UnreadableFile.At($"the element that starts in line {_elementLine} at byte {_elementOffset}",
            "it does not end as JSON does: it is cut off, or a bracket or a quote is missing", _fix),
        _ => throw Broken("it is cut off: the array is not closed"),
    };

    private void Consume(int bytes)
    {
        _line += _input.Rest[..bytes].Count((byte)'\n');
        _input.Position += bytes;
    }

    private TerminalException Broken(string fault) => UnreadableFile.At($"line {_line}, byte {_input.OffsetOf(_input.Position)}", fault, _fix);
}
