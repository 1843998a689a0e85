using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Removes quarantine files that have lived their time. Rows that are still there are dismissed first, so that they stay accounted for.</summary>
public sealed class QuarantineRetention
{
    /// <summary>Why rows were dismissed by this.</summary>
    public const string Reason = "expired";

    private const string Caller = "retention";
    private const int PageSize = 100;

    private readonly IObjectStore _objects;
    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly QuarantineProjection _projection;
    private readonly QuarantineDismisser _dismisser;
    private readonly QuarantineIndex _index;
    private readonly TimeSpan _retention;
    private readonly TimeProvider _clock;
    private readonly ILogger<QuarantineRetention> _logger;

    public QuarantineRetention(
        IObjectStore objects,
        IRowStore rows,
        CatalogStore catalog,
        DeltaTables tables,
        QuarantineProjection projection,
        QuarantineDismisser dismisser,
        IOptions<PlatformOptions> options,
        TimeProvider clock,
        ILogger<QuarantineRetention> logger)
    {
        _objects = objects;
        _catalog = catalog;
        _tables = tables;
        _projection = projection;
        _dismisser = dismisser;
        _index = new QuarantineIndex(rows, objects);
        _retention = options.Value.QuarantineRetention;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>One turn over all datasets. What fails for one is left to the next turn and does not stop the others.</summary>
    public async Task PurgeAsync(CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await _catalog.ListAsync<DatasetDefinition>(after, PageSize, cancellationToken);
            foreach (var entry in page.Entries)
            {
                try
                {
                    await PurgeAsync(entry.Definition.Name, cancellationToken);
                }
                catch (Exception fault) when (fault is TransientException or TerminalException)
                {
                    Log.NotPurged(_logger, entry.Definition.Name, fault);
                }
            }

            after = page.Next;
        }
        while (after is not null);
    }

    private async Task PurgeAsync(string dataset, CancellationToken cancellationToken)
    {
        if (await _tables.Get(new TableName(TableKind.Dataset, dataset)).TryGetSnapshotAsync(null, cancellationToken) is not { } snapshot)
            return;
        var now = _clock.GetUtcNow();
        await _projection.CatchUpAsync(dataset, null, cancellationToken);
        await DismissAsync(dataset, now - _retention, snapshot.Version, now, cancellationToken);

        // Requests that shared a file were committed together, so they expire together.
        List<QuarantinedBatch> ended = [];
        await foreach (var batch in _index.ListAsync(dataset, cancellationToken))
        {
            if (batch is { Open: 0, File: not null } && batch.Committed <= now - _retention)
                ended.Add(batch);
        }

        foreach (var file in ended.GroupBy(batch => batch.File!))
        {
            FaultPoint.Pass("before-quarantine-purge");
            await _objects.TryDeleteAsync(LakePath.Parse(file.Key), null, cancellationToken);
            foreach (var batch in file)
                await _index.UpdateAsync(dataset, batch.Id, (present, _) => Task.FromResult((present ?? batch) with { File = null, FileRange = null, Causes = [] }), cancellationToken);
        }

        if (ended.Count > 0)
            Log.Purged(_logger, dataset, ended.Count);
    }

    private async Task DismissAsync(string dataset, DateTimeOffset limit, long version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (true)
        {
            List<string> expired = [];
            await foreach (var batch in _index.ListAsync(dataset, cancellationToken))
            {
                if (batch.Open > 0 && batch.Committed <= limit && expired.Count < QuarantineSelection.MaxBatches)
                    expired.Add(batch.Id);
            }

            if (expired.Count == 0)
                return;
            var dismissal = new Dismissal(BatchId.Create(dataset, now), dataset, Reason) { Since = version };
            await _dismisser.CommitAsync(dismissal, new DismissalRequest { Batches = expired, Reason = Reason }, Caller, cancellationToken);
        }
    }
}
