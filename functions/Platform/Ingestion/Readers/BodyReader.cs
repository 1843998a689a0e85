using DataPlatform.Catalog;
using DataPlatform.Ingestion.CloudEvents;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Ingestion.Values;
using DataPlatform.Sql;

namespace DataPlatform.Ingestion.Readers;

/// <summary>The way from a body's bytes to its rows: unfold what is compressed, make text UTF-8, read the format.</summary>
internal sealed class BodyReader : IAsyncDisposable
{
    private readonly Stream? _unfolded;
    private readonly Stream _text;
    private readonly SpoolFile _spool;
    private readonly RowReader _reader;

    /// <param name="body">As it came; whoever opened it closes it.</param>
    /// <param name="scratch">Takes bodies of formats that are read from their end.</param>
    /// <param name="events">The rows, when the body is but what is kept of events.</param>
    /// <exception cref="Failures.TerminalException"><c>UnsupportedMediaType</c>: contract and media type do not go together.</exception>
    public BodyReader(BatchMedia media, DatasetDefinition definition, Stream body, ScratchFolder scratch, IngestionLimits limits, EventBatch? events = null)
    {
        var dialect = media.DialectOf(definition);
        _unfolded = Unfold(media.Compression, body, limits);
        var plain = _unfolded ?? body;
        _spool = new SpoolFile(scratch, plain, limits.MaxSpoolBytes);
        _text = new Utf8TextStream(plain, dialect.Encoding);
        _reader = events is not null ? events.Read(plain, limits) : media.Format switch
        {
            BatchFormat.Csv => new CsvRowReader(_text, dialect, limits),
            BatchFormat.Ndjson => new NdjsonRowReader(_text, limits),
            BatchFormat.Json => new JsonRowReader(_text, limits),
            BatchFormat.CloudEvent => new JsonRowReader(_text, limits, new CloudEventRowParser(limits, single: true), JsonShape.Object),
            BatchFormat.CloudEventBatch => new JsonRowReader(_text, limits, new CloudEventRowParser(limits, single: false), JsonShape.Array),
            _ => new ParquetRowReader(_spool.FillAsync),
        };
    }

    /// <returns>The body unfolded; null when it is not compressed.</returns>
    public static Stream? Unfold(BodyCompression compression, Stream body, IngestionLimits limits) => compression switch
    {
        BodyCompression.Gzip => new GunzipStream(body, limits),
        BodyCompression.Zstd => new UnzstdStream(body, limits),
        BodyCompression.Brotli => new UnbrotliStream(body, limits),
        _ => null,
    };

    /// <inheritdoc cref="RowReader.ReadAsync"/>
    public ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken) => _reader.ReadAsync(rows, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _reader.Dispose();
        await _text.DisposeAsync();
        if (_unfolded is not null)
            await _unfolded.DisposeAsync();
        _spool.Dispose();
    }
}
