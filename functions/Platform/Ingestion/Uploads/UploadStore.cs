using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>
/// The rows of uploads, one partition a dataset, newest first. An upload's row is the promise to load it: once it is complete, its orchestration
/// is scheduled, if need be by a timer (<see cref="ListOverdueAsync"/>).
/// </summary>
public sealed class UploadStore(IRowStore rows, TimeProvider clock)
{
    public const string RowTable = "uploads";

    private const string PendingPartition = "_pending";
    private const string OpenPartition = "_open";
    private const string RowPrefix = "upload-";
    private static readonly TimeSpan ScheduleWithin = TimeSpan.FromSeconds(5);

    /// <summary>A marker without an upload that waits: the process ended between the two.</summary>
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    /// <summary>Notes that an upload's orchestration is to be scheduled. To be called before its row says so: an upload without this mark would
    /// never be loaded if the process ended in between.</summary>
    public Task MarkPendingAsync(Upload upload, CancellationToken cancellationToken) => rows.UpsertAsync(
        RowTable, new RowKey(PendingPartition, upload.Instance), new PendingUpload(upload.Id, upload.Instance, clock.GetUtcNow()), cancellationToken);

    /// <summary>Stores an upload session, or finds the one that the same key stands for.</summary>
    /// <param name="key">Of the row that holds its idempotency key; null without one.</param>
    /// <param name="request">The hash of the request, which tells it from others with the key.</param>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    internal async Task<Upload> BeginAsync(Upload upload, string? key, string request, CancellationToken cancellationToken)
    {
        // The marker first: what is written to the session's address would stay for ever if the process ended in between.
        var open = await MarkOpenAsync(upload.Id, upload.Expires!.Value, cancellationToken);
        List<RowOperation> operations = [RowOperation.Insert(TryGetKey(upload.Id)!.Value, upload)];
        if (key is not null)
        {
            var place = new RowKey(upload.Dataset, key);
            var value = new SessionKey(upload.Id, request, upload.Created);
            var known = await rows.GetAsync<SessionKey>(RowTable, place, cancellationToken);
            operations.Add(known is null ? RowOperation.Insert(place, value) : RowOperation.Replace(place, value, known.ETag));
            if (known is null || known.Value.Created + ClaimStore.KeyLife <= upload.Created)
                known = await rows.TryBatchAsync(RowTable, operations, cancellationToken) ? null : await rows.GetAsync<SessionKey>(RowTable, place, cancellationToken) ?? throw NotStored();
            if (known is null)
                return upload;
            await rows.TryDeleteAsync(RowTable, open, null, cancellationToken);
            BatchService.EnsureSameBody(known.Value.Request, request, known.Value.Id);
            return await GetAsync(known.Value.Id, cancellationToken);
        }

        return await rows.TryBatchAsync(RowTable, operations, cancellationToken) ? upload : throw NotStored();
    }

    /// <summary>Notes that an upload's bytes are to be looked at when their time is over. To be called before its row says so, for the same reason.</summary>
    internal async Task<RowKey> MarkOpenAsync(string id, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var key = new RowKey(OpenPartition, OpenIdOf(expires) + id);
        await rows.UpsertAsync(RowTable, key, new OpenUpload(id, expires), cancellationToken);
        return key;
    }

    /// <summary>The uploads whose time is over and that are not cleared yet.</summary>
    internal IAsyncEnumerable<StoredRow<OpenUpload>> ListOpenAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        rows.QueryAsync<OpenUpload>(RowTable, OpenPartition, null, OpenIdOf(now), cancellationToken);

    internal Task ClearOpenAsync(StoredRow<OpenUpload> marker, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(RowTable, marker.Key, marker.ETag, cancellationToken);

    /// <summary>Stores an upload, in the place of what the same id had.</summary>
    public Task PutAsync(Upload upload, CancellationToken cancellationToken) =>
        rows.UpsertAsync(RowTable, TryGetKey(upload.Id)!.Value, upload, cancellationToken);

    /// <returns>Null when there is none.</returns>
    public async Task<Upload?> FindAsync(string id, CancellationToken cancellationToken) =>
        TryGetKey(id) is { } key ? (await rows.GetAsync<Upload>(RowTable, key, cancellationToken))?.Value : null;

    /// <exception cref="TerminalException"><c>UploadNotFound</c>.</exception>
    public async Task<Upload> GetAsync(string id, CancellationToken cancellationToken) => await FindAsync(id, cancellationToken) ?? throw NotFound();

    /// <exception cref="TerminalException"><c>UploadNotFound</c>: the dataset has no such upload.</exception>
    public async Task<Upload> GetAsync(string dataset, string id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } upload && upload.Dataset == dataset ? upload : throw NotFound();

    /// <summary>The uploads of a dataset, newest first.</summary>
    /// <param name="after">The id that the previous page named; null starts with the newest.</param>
    /// <param name="top">The most to return.</param>
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>: the cursor is none.</exception>
    public async Task<UploadPage> ListAsync(string dataset, string? after, int top, CancellationToken cancellationToken)
    {
        if (after is not null && !(BatchId.TryGetDataset(after, out var owner) && owner == dataset))
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "'after' is the cursor of the page before: take its 'nextLink'.", "after");
        var from = (after is null ? null : TryGetKey(after)?.Id) ?? RowPrefix;
        List<Upload> uploads = [];
        await foreach (var row in rows.QueryAsync<Upload>(RowTable, dataset, from, RowPrefix + "~", cancellationToken))
        {
            if (uploads.Count == top)
                return new UploadPage(uploads, uploads[^1].Id);
            uploads.Add(row.Value);
        }

        return new UploadPage(uploads, Next: null);
    }

    /// <summary>Changes an upload's row, again and again when others change it at the same time.</summary>
    /// <param name="change">Gives the upload as it shall be, or the same instance to leave it.</param>
    /// <exception cref="TerminalException"><c>UploadNotFound</c>, and what <paramref name="change"/> throws.</exception>
    public async Task<Upload> UpdateAsync(string id, Func<Upload, Upload> change, CancellationToken cancellationToken) =>
        (TryGetKey(id) is { } key ? await rows.TryUpdateAsync(RowTable, key, change, cancellationToken) : null) ?? throw NotFound();

    /// <summary>Uploads whose orchestration should have begun by now and may not have been scheduled.</summary>
    public async Task<IReadOnlyList<PendingUpload>> ListOverdueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<PendingUpload> overdue = [];
        await foreach (var row in rows.QueryAsync<PendingUpload>(RowTable, PendingPartition, after: null, upTo: null, cancellationToken))
        {
            var pending = row.Value;
            if (now - pending.Created < ScheduleWithin)
                continue;
            if (await FindAsync(pending.Id, cancellationToken) is { HasEnded: false, Completed: not null } upload && upload.Instance == pending.Instance)
                overdue.Add(pending);
            else if (now - pending.Created > ForgetAfter)
                await ClearPendingAsync(pending.Instance, cancellationToken);
        }

        return overdue;
    }

    /// <summary>Notes that an orchestration is under way, or will never be.</summary>
    public Task ClearPendingAsync(string instance, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(RowTable, new RowKey(PendingPartition, instance), etag: null, cancellationToken);

    /// <summary>Removes the rows of a dataset's uploads that ended longer ago than an idempotency key lives, and keys of sessions that have lived their time.
    /// Receipts stay.</summary>
    public async Task PurgeAsync(string dataset, CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow() - ClaimStore.KeyLife;
        await foreach (var row in rows.QueryAsync<Upload>(RowTable, dataset, RowPrefix, RowPrefix + "~", cancellationToken))
        {
            if (row.Value is { HasEnded: true, KeptUntil: null } upload && upload.Ended <= before)
                await rows.TryDeleteAsync(RowTable, row.Key, row.ETag, cancellationToken);
        }

        await foreach (var row in rows.QueryAsync<SessionKey>(RowTable, dataset, ClaimStore.KeyPrefix, ClaimStore.KeyPrefix + "~", cancellationToken))
        {
            if (row.Value.Created <= before)
                await rows.TryDeleteAsync(RowTable, row.Key, row.ETag, cancellationToken);
        }
    }

    private static TransientException NotStored() => new("The upload could not be stored.");

    private static string OpenIdOf(DateTimeOffset expires) => expires.ToUnixTimeSeconds().ToString("d12", CultureInfo.InvariantCulture) + "-";

    private static TerminalException NotFound() => new(FailureKind.NotFound, "UploadNotFound", "There is no upload of this id.", "id");

    /// <summary>Ids sort by time; their digits are inverted so that the newest comes first.</summary>
    private static RowKey? TryGetKey(string id) => BatchId.TryGetDataset(id, out var dataset)
        ? new RowKey(dataset, RowPrefix + string.Concat(BatchId.ShortOf(id).ToLowerInvariant().Select(digit => "fedcba9876543210"[Convert.ToInt32(digit.ToString(), 16)])))
        : null;
}
