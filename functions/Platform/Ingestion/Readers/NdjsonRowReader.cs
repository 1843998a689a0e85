using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Reads NDJSON: UTF-8, one object a line, blank lines aside.</summary>
/// <param name="parser">Knows the collector's columns from the bodies before, if there were some.</param>
internal sealed class NdjsonRowReader(Stream body, IngestionLimits limits, JsonRowParser? parser = null) : RowReader
{
    private readonly InputBuffer _input = new(body, limits.WindowBytes);
    private readonly JsonRowParser _parser = parser ?? new(limits);
    private long _line = 1;
    private bool _started;
    private bool _skipping;

    public override async ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken)
    {
        if (!_started)
        {
            _parser.Start(rows);
            await _input.FillAsync(cancellationToken);
            _input.SkipByteOrderMark();
            _started = true;
        }

        if (ReadLines(rows))
            return true;
        if (_input.IsLast)
            return false;
        await _input.FillAsync(cancellationToken);
        return true;
    }

    public override void Dispose()
    {
        _input.Dispose();
        base.Dispose();
    }

    /// <returns>True when the collector is full, false when more input is needed.</returns>
    private bool ReadLines(RowCollector rows)
    {
        while (!rows.IsFull)
        {
            var rest = _input.Rest;
            if (rest.IsEmpty)
                return false;

            var length = rest.IndexOf((byte)'\n');
            var offset = _input.OffsetOf(_input.Position);
            if (length < 0 && !_input.IsLast)
            {
                if (rest.Length <= limits.MaxRowBytes)
                    return false;
                if (!_skipping)
                    _parser.RefuseLong(rows, rest, _line, offset);
                _skipping = true;
                _input.Position = _input.End;
                return false;
            }

            var line = length < 0 ? rest : rest[..length];
            _input.Position += length < 0 ? rest.Length : length + 1;
            if (_skipping)
            {
                _skipping = false;
                _line++;
                continue;
            }

            if (line.EndsWith("\r"u8))
                line = line[..^1];
            if (line.Length > limits.MaxRowBytes)
                _parser.RefuseLong(rows, line, _line, offset);
            else if (line.ContainsAnyExcept(" \t\r"u8))
                _parser.ReadRow(rows, line, _input.IsAscii, _line, offset);
            _line++;
        }

        return true;
    }
}
