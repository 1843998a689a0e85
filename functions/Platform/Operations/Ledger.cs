using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>Sums up what became of all rows received: by dataset, over time. Its rows were written batch by batch when commits were
/// projected; their ids begin with the time, so that a range of time is a range of rows.</summary>
public sealed class Ledger(
    IRowStore rows, DeltaTables tables, TableProjector projector, DatasetProjections projections, CatalogStore catalog, TimeProvider clock)
{
    /// <summary>Row table: partition = dataset, id = batch id.</summary>
    public const string RowTable = "ledger";

    /// <summary>Member of a merge's <c>commitInfo</c>: rows of the table that the batch's rows replaced.</summary>
    public const string UpdatedMember = "updated";

    private static readonly TimeSpan HoursShown = TimeSpan.FromHours(48);
    private static readonly TimeSpan DaysShown = TimeSpan.FromDays(30);
    private static readonly TimeSpan MostHours = TimeSpan.FromDays(31);
    private static readonly TimeSpan MostDays = TimeSpan.FromDays(400);

    /// <summary>The partition of rejected requests, ids: batch id, a dot and the attempt.</summary>
    public static string RejectedOf(string dataset) => $"rejected.{dataset}";

    /// <summary>The partition of <see cref="TakenFromQuarantine"/>, ids: batch id.</summary>
    public static string TakenOf(string dataset) => $"taken.{dataset}";

    /// <summary>The ledgers of the datasets, not divided.</summary>
    /// <param name="after">Only datasets behind this name.</param>
    public async Task<LedgerPage> ListAsync(LedgerRange range, string? after, int top, CancellationToken cancellationToken)
    {
        var page = await catalog.ListAsync<DatasetDefinition>(after, top, cancellationToken);
        List<LedgerReport> ledgers = [];
        foreach (var entry in page.Entries)
            ledgers.Add(await ReadAsync(entry.Definition.Name, range, LedgerPeriod.None, cancellationToken));
        return new LedgerPage(ledgers, page.Next);
    }

    /// <summary>The ledger of a dataset over all time.</summary>
    /// <inheritdoc cref="GetAsync(string, LedgerRange, LedgerPeriod, CancellationToken)"/>
    public Task<LedgerReport> GetAsync(string dataset, CancellationToken cancellationToken) =>
        GetAsync(dataset, LedgerRange.All, LedgerPeriod.None, cancellationToken);

    /// <param name="range">Where it is open, a divided ledger shows the last 48 hours or 30 days.</param>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>: there is none, and never was one that got data. <c>InvalidQueryOption</c>: the
    /// range is too long to be divided.</exception>
    public async Task<LedgerReport> GetAsync(string dataset, LedgerRange range, LedgerPeriod by, CancellationToken cancellationToken)
    {
        var bounded = Bounded(range.Checked(), by);
        await EnsureKnownAsync(dataset, cancellationToken);
        return await ReadAsync(dataset, bounded, by, cancellationToken);
    }

    /// <summary>What was received stays accounted for when its definition is deleted, and its table dropped.</summary>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>.</exception>
    public async Task EnsureKnownAsync(string dataset, CancellationToken cancellationToken)
    {
        if (await catalog.FindAsync<DatasetDefinition>(dataset, cancellationToken) is null && !await HasTableAsync(dataset, cancellationToken))
            await catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
    }

    /// <summary>The rows of the batches that started in a time, oldest first.</summary>
    public IAsyncEnumerable<StoredRow<LedgerEntry>> EntriesAsync(string dataset, LedgerRange range, CancellationToken cancellationToken)
    {
        var (after, upTo) = range.IdsOf(dataset);
        return rows.QueryAsync<LedgerEntry>(RowTable, dataset, after, upTo, cancellationToken);
    }

    /// <summary>What left the quarantine, of the batches that started in a time, by batch id; those of which nothing did are not there.</summary>
    public IAsyncEnumerable<StoredRow<TakenFromQuarantine>> TakenAsync(string dataset, LedgerRange range, CancellationToken cancellationToken)
    {
        var (after, upTo) = range.IdsOf(dataset);
        return rows.QueryAsync<TakenFromQuarantine>(RowTable, TakenOf(dataset), after, upTo, cancellationToken);
    }

    private async Task<bool> HasTableAsync(string dataset, CancellationToken cancellationToken) =>
        NameRules.IsTableName(dataset)
        && await tables.Get(new TableName(TableKind.Dataset, dataset)).HasLogAsync(cancellationToken);

    private LedgerRange Bounded(LedgerRange range, LedgerPeriod by)
    {
        if (by == LedgerPeriod.None)
            return range;

        var (shown, most, unit) = by == LedgerPeriod.Hour ? (HoursShown, MostHours, "hours") : (DaysShown, MostDays, "days");
        var to = range.To ?? clock.GetUtcNow();
        var from = range.From ?? (to - DateTimeOffset.MinValue > shown ? to - shown : DateTimeOffset.MinValue);
        return to - from > most
            ? throw new TerminalException(
                FailureKind.Invalid, "InvalidQueryOption",
                $"A ledger by {unit} shows at most {most.TotalDays.ToString("0", CultureInfo.InvariantCulture)} days: give a shorter range"
                + (by == LedgerPeriod.Hour ? ", or take by=day." : ", or take by=none."),
                "from")
            : range with { From = from };
    }

    private async Task<LedgerReport> ReadAsync(string dataset, LedgerRange range, LedgerPeriod by, CancellationToken cancellationToken)
    {
        // Rows of the newest commits may not be written yet: they follow behind the answers.
        var name = new TableName(TableKind.Dataset, dataset);
        await projections.AdvanceAsync(dataset, null, cancellationToken);
        var snapshot = await tables.Get(name).TryGetSnapshotAsync(null, cancellationToken);
        var cursor = await projector.TryGetCursorAsync(name, ReceiptProjection.Name, cancellationToken);

        var all = new LedgerSum();
        var buckets = new SortedDictionary<DateTimeOffset, LedgerSum>();
        await foreach (var row in EntriesAsync(dataset, range, cancellationToken))
        {
            all.Add(row.Value);
            BucketOf(row.Key.Id)?.Add(row.Value);
        }

        var (after, upTo) = range.IdsOf(dataset);
        await foreach (var row in rows.QueryAsync(RowTable, RejectedOf(dataset), after, upTo, cancellationToken))
        {
            all.AddRejected();
            BucketOf(row.Key.Id)?.AddRejected();
        }

        await foreach (var row in TakenAsync(dataset, range, cancellationToken))
        {
            all.Add(row.Value);
            BucketOf(row.Key.Id)?.Add(row.Value);
        }

        return new LedgerReport(
            dataset, range.From, range.To, by, all.Totals.AddsUp(), all.Totals, all.Rejected, all.Services, snapshot?.Version, cursor?.Version,
            by == LedgerPeriod.None ? null : [.. buckets.Select(bucket => ToBucket(dataset, bucket.Key, by, range, bucket.Value))]);

        LedgerSum? BucketOf(string id)
        {
            if (by == LedgerPeriod.None)
                return null;
            var start = StartOf(BatchId.TimeOf(id), by);
            return buckets.TryGetValue(start, out var sum) ? sum : buckets[start] = new LedgerSum();
        }
    }

    private static DateTimeOffset StartOf(DateTimeOffset time, LedgerPeriod by)
    {
        var unit = by == LedgerPeriod.Hour ? TimeSpan.TicksPerHour : TimeSpan.TicksPerDay;
        return new DateTimeOffset(time.UtcTicks - (time.UtcTicks % unit), TimeSpan.Zero);
    }

    /// <summary>The first and last are as long as the range has of them.</summary>
    private static LedgerBucket ToBucket(string dataset, DateTimeOffset start, LedgerPeriod by, LedgerRange range, LedgerSum sum)
    {
        var from = range.From > start ? range.From.Value : start;
        var end = start + (by == LedgerPeriod.Hour ? TimeSpan.FromHours(1) : TimeSpan.FromDays(1));
        var to = range.To < end ? range.To.Value : end;
        return new LedgerBucket(
            from, to, sum.Totals, sum.Rejected, sum.Services, $"/api/v1/receipts?dataset={dataset}&from={Text(from)}&to={Text(to)}");

        static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
    }
}
