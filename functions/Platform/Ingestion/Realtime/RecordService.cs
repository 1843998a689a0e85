using System.Collections.Concurrent;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>Takes one or a few rows a request. They are durable before the answer, as a batch's are; requests that come at the same time share
/// the work (<see cref="RecordWriter"/>). The receipt is answered from memory and can be asked for at once.</summary>
public sealed class RecordService : IAsyncDisposable, IDisposable
{
    /// <summary>The service's name in receipts.</summary>
    public const string Name = "realtime";

    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly ContractPlans _plans;
    private readonly DatasetProjections _projections;
    private readonly BatchService _batches;
    private readonly ClaimStore _claims;
    private readonly RecordFiles _files;
    private readonly IngestionLimits _limits;
    private readonly ILogger<RecordService> _logger;
    private readonly ConcurrentDictionary<string, Lazy<(RecordWriter Writer, RecordFollower Follower)>> _writers = new(StringComparer.Ordinal);

    public RecordService(
        IObjectStore objects,
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        ContractPlans plans,
        ReceiptStore receipts,
        DatasetProjections projections,
        BatchService batches,
        IngestionLimits limits,
        TimeProvider clock,
        IOptions<PlatformOptions> options,
        ILogger<RecordService> logger)
    {
        _catalog = catalog;
        _tables = tables;
        _plans = plans;
        _projections = projections;
        _batches = batches;
        _claims = new ClaimStore(rows, receipts, clock, options.Value.ClaimLease);
        _files = new RecordFiles(objects, options.Value.PartitionsPerWrite);
        _limits = limits;
        _logger = logger;
    }

    /// <summary>Loads the rows of a request, or finds them loaded.</summary>
    /// <returns>The receipt of the committed batch.</returns>
    /// <exception cref="TerminalException">As <see cref="BatchService.IngestAsync"/>; also <c>BodyTooLarge</c>, <c>TooManyRows</c>.</exception>
    /// <exception cref="TransientException">The store did not answer; under an idempotency key the request can be repeated safely.</exception>
    public async Task<Receipt> IngestAsync(BatchRequest request, CancellationToken cancellationToken)
    {
        var entry = await _catalog.GetAsync<DatasetDefinition>(request.Dataset, cancellationToken);
        var media = MediaOf(request);
        BatchService.CheckKey(request.IdempotencyKey);
        using var body = await RecordBody.ReadAsync(request.Dataset, request.Body, RecordLimits.MaxBodyBytes, cancellationToken);
        if (RecordWriter.Takes(entry.Definition) && !media.HoldsEvents
            && await WriterOf(request.Dataset).WriteAsync(new PendingRecords(request, media, body), cancellationToken) is { } receipt)
        {
            // Rows of keys are read back at once; the rows are committed, so nobody's going away ends this.
            if (entry.Definition.Operational)
                await _projections.AdvanceAsync(request.Dataset, receipt.TableVersion, CancellationToken.None);
            return receipt;
        }

        // A key's batch may be committed, and its receipt a moment behind.
        if (request.IdempotencyKey is not null)
            await _projections.AdvanceReceiptsAsync(request.Dataset, null, cancellationToken);
        await using var stream = body.OpenRead();
        return await _batches.IngestAsync(
            request with { Body = stream, Service = Name, MaxRows = RecordLimits.MaxRows }, cancellationToken);
    }

    public void Dispose()
    {
        foreach (var (_, entry) in _writers)
            entry.Value.Writer.Dispose();
    }

    /// <summary>Writes the receipts that are due.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, entry) in _writers)
            await entry.Value.Follower.DisposeAsync();
        Dispose();
    }

    private static BatchMedia MediaOf(BatchRequest request)
    {
        var media = BatchMedia.Parse(request.ContentType, request.ContentEncoding);
        if ((media.HoldsEvents || media.Format is BatchFormat.Json or BatchFormat.Ndjson) && media.Compression == BodyCompression.None
            && media.Charset is null or TextEncoding.Utf8)
        {
            return media;
        }

        throw BatchMedia.Unsupported(
            "Single rows are sent as application/json, application/x-ndjson or CloudEvents, in UTF-8 and not compressed. "
            + $"Send other bodies to '/api/v1/ingest/{request.Dataset}/batches'.", "Content-Type");
    }

    private RecordWriter WriterOf(string dataset) => _writers.GetOrAdd(dataset, name => new Lazy<(RecordWriter, RecordFollower)>(() =>
    {
        var follower = new RecordFollower(name, _projections, _claims, _logger);
        var table = _tables.Get(new TableName(TableKind.Dataset, name));
        return (new RecordWriter(table, _catalog, _plans, _claims, _files, follower, _limits, _logger), follower);
    })).Value.Writer;
}
