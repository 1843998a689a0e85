using System.Security.Cryptography;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Claims on batches, one partition a dataset: <c>key.{hash}</c> leads from an idempotency key to its batch, <c>batch.{id}</c>
/// is a claim.</summary>
internal sealed class ClaimStore(IRowStore rows, ReceiptStore receipts, TimeProvider clock, TimeSpan lease)
{
    public const string RowTable = "claims";

    /// <summary>How long a key stands for its batch. Log retention must be longer.</summary>
    public static readonly TimeSpan KeyLife = TimeSpan.FromDays(7);

    /// <summary>How long an attempt that died without a word keeps others waiting.</summary>
    public TimeSpan Lease { get; } = lease;

    /// <summary>Claims that can be made in one go; each takes two rows.</summary>
    public const int MostAtOnce = RowLimits.MaxBatchOperations / 2;

    private const int MaxAttempts = 20;
    private const string ClaimPrefix = "batch.";
    public const string KeyPrefix = "key.";
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <param name="tableVersion">The table's version now; -1 when there is no table.</param>
    /// <param name="service">Which of the ingestion services asks.</param>
    /// <exception cref="TerminalException"><c>BatchInProgress</c>, 409 with the time to wait.</exception>
    public async Task<ClaimOutcome> ClaimAsync(
        string dataset, string caller, string? idempotencyKey, long definitionVersion, long tableVersion, CancellationToken cancellationToken,
        string service = CommittedBatch.DefaultService)
    {
        var key = idempotencyKey is null ? null : KeyOf(caller, dataset, idempotencyKey);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var now = Now();
            var known = key is null ? null : await rows.GetAsync<ClaimKey>(RowTable, new RowKey(dataset, key), cancellationToken);
            if (known is null || known.Value.Started + KeyLife <= now)
            {
                var claim = new BatchClaim(BatchId.Create(dataset, now), dataset, caller, key, idempotencyKey, now, definitionVersion, tableVersion,
                    1, NewOwner(), now + Lease)
                {
                    Service = service,
                };
                if (await TryStartAsync(claim, known, cancellationToken) is { } started)
                    return new ClaimOutcome(started, null);
            }
            else if (await TryResumeAsync(dataset, caller, idempotencyKey, key!, definitionVersion, service, known.Value, now, cancellationToken) is { } outcome)
            {
                return outcome;
            }
        }

        throw new TransientException("The batch is claimed by too many at once.") { RetryAfter = Lease };
    }

    /// <summary>Takes up the claim of an upload. One that is gone is made again: whoever wrote it off could not know that the upload waits.</summary>
    /// <param name="waiting">The claim as the upload knows it; an older attempt's does.</param>
    /// <exception cref="TransientException">Another works on it, or died doing so a moment ago.</exception>
    public async Task<ClaimOutcome> TakeAsync(BatchClaim waiting, CancellationToken cancellationToken)
    {
        var key = new RowKey(waiting.Dataset, ClaimPrefix + waiting.Id);
        var now = Now();
        var claim = await rows.GetAsync<BatchClaim>(RowTable, key, cancellationToken);
        var receipt = await receipts.FindAsync(waiting.Id, cancellationToken);
        if (receipt?.State == ReceiptState.Committed)
            return new ClaimOutcome(null, receipt);
        if (claim is not null && claim.Value.LeaseExpires > now)
            throw new TransientException($"The batch '{waiting.Id}' is worked on.") { RetryAfter = claim.Value.LeaseExpires - now };

        var next = (claim?.Value ?? waiting) with
        {
            Attempt = Math.Max(claim?.Value.Attempt ?? 0, receipt?.Attempt ?? 0) + 1,
            Owner = NewOwner(),
            LeaseExpires = now + Lease,
            IsUpload = true,
        };
        var taken = claim is null
            ? await rows.TryInsertAsync(RowTable, key, next, cancellationToken)
            : await rows.TryReplaceAsync(RowTable, key, next, claim.ETag, cancellationToken);
        return new ClaimOutcome(taken ?? throw new TransientException($"The batch '{waiting.Id}' is claimed by another."), null);
    }

    /// <summary>The claim of an upload whose session is completed now, to be passed to <see cref="TryInsertAsync"/>.</summary>
    public BatchClaim CreateWaiting(string id, string dataset, string caller, long definitionVersion, long tableVersion)
    {
        var now = Now();
        return new BatchClaim(id, dataset, caller, null, null, now, definitionVersion, tableVersion, 0, NewOwner(), now) { IsUpload = true };
    }

    /// <returns>False when there is a claim on the batch.</returns>
    public async Task<bool> TryInsertAsync(BatchClaim claim, CancellationToken cancellationToken) =>
        await rows.TryInsertAsync(RowTable, new RowKey(claim.Dataset, ClaimPrefix + claim.Id), claim, cancellationToken) is not null;

    /// <summary>Leaves a claim to the upload's orchestration, whose first attempt has this one's number.</summary>
    /// <returns>False when it is no longer this owner's.</returns>
    public async Task<bool> TryParkAsync(StoredRow<BatchClaim> claim, CancellationToken cancellationToken) => await rows.TryReplaceAsync(
        RowTable, claim.Key, claim.Value with { IsUpload = true, Attempt = claim.Value.Attempt - 1, LeaseExpires = Now() }, claim.ETag, cancellationToken) is not null;

    /// <summary>Gives up the claim of an upload that will not be loaded, unless it is worked on: without a commit it becomes an abandoned batch.</summary>
    /// <returns>False when it is worked on.</returns>
    public async Task<bool> TryUnparkAsync(string batchId, CancellationToken cancellationToken)
    {
        _ = BatchId.TryGetDataset(batchId, out var dataset);
        var claim = await rows.GetAsync<BatchClaim>(RowTable, new RowKey(dataset, ClaimPrefix + batchId), cancellationToken);
        if (claim is null || !claim.Value.IsUpload)
            return true;
        return claim.Value.LeaseExpires <= Now()
            && await rows.TryReplaceAsync(RowTable, claim.Key, claim.Value with { IsUpload = false }, claim.ETag, cancellationToken) is not null;
    }

    /// <summary>Puts back the claim of an upload that is to be loaded after all, unless its batch is worked on or committed.</summary>
    /// <param name="waiting">The claim as the upload knows it.</param>
    public async Task RestoreAsync(BatchClaim waiting, CancellationToken cancellationToken)
    {
        var key = new RowKey(waiting.Dataset, ClaimPrefix + waiting.Id);
        var now = Now();
        if (await rows.GetAsync<BatchClaim>(RowTable, key, cancellationToken) is { } claim)
        {
            if (!claim.Value.IsUpload && claim.Value.LeaseExpires <= now)
                await rows.TryReplaceAsync(RowTable, key, claim.Value with { IsUpload = true }, claim.ETag, cancellationToken);
            return;
        }

        var receipt = await receipts.FindAsync(waiting.Id, cancellationToken);
        if (receipt?.State != ReceiptState.Committed)
            await TryInsertAsync(waiting with { IsUpload = true, Attempt = receipt?.Attempt ?? 0, Owner = NewOwner(), LeaseExpires = now }, cancellationToken);
    }

    /// <returns>Whether the key stands for a batch, or has stood for one.</returns>
    public async Task<bool> IsKnownAsync(string dataset, string caller, string idempotencyKey, CancellationToken cancellationToken) =>
        await rows.GetAsync(RowTable, new RowKey(dataset, KeyOf(caller, dataset, idempotencyKey)), cancellationToken) is not null;

    /// <summary>A first claim under a key, to be passed to <see cref="TryClaimAsync"/>.</summary>
    public BatchClaim Create(
        string id, string dataset, string caller, string idempotencyKey, DateTimeOffset started, long definitionVersion, long tableVersion) =>
        new(id, dataset, caller, KeyOf(caller, dataset, idempotencyKey), idempotencyKey, started, definitionVersion, tableVersion, 1, NewOwner(), started + Lease);

    /// <summary>Claims several batches of one dataset, at most <see cref="MostAtOnce"/>, under keys of their own.</summary>
    /// <returns>False when one of the keys is known by now; then nothing is claimed.</returns>
    public Task<bool> TryClaimAsync(IReadOnlyList<BatchClaim> claims, CancellationToken cancellationToken) => rows.TryBatchAsync(RowTable,
        [
            .. claims.SelectMany(claim => new[]
            {
                RowOperation.Insert(new RowKey(claim.Dataset, claim.Key!), new ClaimKey(claim.Id, claim.Started, claim.TableVersion)),
                RowOperation.Insert(new RowKey(claim.Dataset, ClaimPrefix + claim.Id), claim),
            }),
        ],
        cancellationToken);

    /// <summary>Ends claims whose receipts are written, whoever has them by now.</summary>
    public async Task EndAsync(IReadOnlyList<BatchClaim> claims, CancellationToken cancellationToken)
    {
        foreach (var some in claims.Chunk(MostAtOnce))
        {
            RowOperation[] deletes = [.. some.Select(claim => RowOperation.Delete(new RowKey(claim.Dataset, ClaimPrefix + claim.Id)))];
            if (await rows.TryBatchAsync(RowTable, deletes, cancellationToken))
                continue;
            foreach (var delete in deletes)
                await rows.TryDeleteAsync(RowTable, delete.Key, null, cancellationToken);
        }
    }

    /// <summary>Lets the next attempt at a batch start at once, unless it has begun.</summary>
    public async Task ReleaseAsync(BatchClaim claim, CancellationToken cancellationToken)
    {
        var row = await rows.GetAsync<BatchClaim>(RowTable, new RowKey(claim.Dataset, ClaimPrefix + claim.Id), cancellationToken);
        if (row?.Value.Owner == claim.Owner)
            await ReleaseAsync(row, cancellationToken);
    }

    /// <returns>The claim with its new ETag, or null when it is no longer this owner's.</returns>
    public Task<StoredRow<BatchClaim>?> TryRenewAsync(StoredRow<BatchClaim> claim, CancellationToken cancellationToken) =>
        rows.TryReplaceAsync(RowTable, claim.Key, claim.Value with { LeaseExpires = Now() + Lease }, claim.ETag, cancellationToken);

    /// <summary>Lets the next attempt start at once. The claim stays until a receipt settles it, since a commit may still be under way.</summary>
    public Task ReleaseAsync(StoredRow<BatchClaim> claim, CancellationToken cancellationToken) =>
        rows.TryReplaceAsync(RowTable, claim.Key, claim.Value with { LeaseExpires = Now() }, claim.ETag, cancellationToken);

    /// <summary>Ends a claim whose receipt is written.</summary>
    /// <returns>False when somebody else has it by now.</returns>
    public Task<bool> TryEndAsync(StoredRow<BatchClaim> claim, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(RowTable, claim.Key, claim.ETag, cancellationToken);

    /// <returns>Null when the batch is not worked on.</returns>
    public async Task<BatchClaim?> FindAsync(string batchId, CancellationToken cancellationToken) =>
        BatchId.TryGetDataset(batchId, out var dataset)
            ? (await rows.GetAsync<BatchClaim>(RowTable, new RowKey(dataset, ClaimPrefix + batchId), cancellationToken))?.Value
            : null;

    public IAsyncEnumerable<StoredRow<BatchClaim>> ListAsync(string dataset, CancellationToken cancellationToken) =>
        rows.QueryAsync<BatchClaim>(RowTable, dataset, ClaimPrefix, ClaimPrefix + "~", cancellationToken);

    /// <summary>Removes the keys of a dataset that have lived their time.</summary>
    public async Task PurgeKeysAsync(string dataset, CancellationToken cancellationToken)
    {
        var now = Now();
        await foreach (var key in rows.QueryAsync<ClaimKey>(RowTable, dataset, KeyPrefix, KeyPrefix + "~", cancellationToken))
        {
            if (key.Value.Started + KeyLife <= now)
                await rows.TryDeleteAsync(RowTable, key.Key, key.ETag, cancellationToken);
        }
    }

    /// <summary>The row of an idempotency key, which belongs to a caller and a dataset.</summary>
    public static string KeyOf(string caller, string dataset, string idempotencyKey) =>
        KeyPrefix + Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{caller}\n{dataset}\n{idempotencyKey}")));

    private static string NewOwner() => Guid.NewGuid().ToString("N");

    /// <summary>Now, in whole microseconds, as tables keep them.</summary>
    public DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private async Task<StoredRow<BatchClaim>?> TryStartAsync(
        BatchClaim claim, StoredRow<ClaimKey>? expired, CancellationToken cancellationToken)
    {
        var key = new RowKey(claim.Dataset, ClaimPrefix + claim.Id);
        if (claim.Key is null)
            return await rows.TryInsertAsync(RowTable, key, claim, cancellationToken);

        var keyRow = new RowKey(claim.Dataset, claim.Key);
        var keyValue = RowStoreJson.Write(new ClaimKey(claim.Id, claim.Started, claim.TableVersion));
        var written = await rows.TryBatchAsync(RowTable,
            [
                expired is null
                    ? new RowOperation(RowOperationKind.Insert, keyRow, keyValue)
                    : new RowOperation(RowOperationKind.Replace, keyRow, keyValue, expired.ETag),
                new RowOperation(RowOperationKind.Insert, key, RowStoreJson.Write(claim)),
            ],
            cancellationToken);
        return written ? await rows.GetAsync<BatchClaim>(RowTable, key, cancellationToken) : null;
    }

    /// <returns>Null when another request was faster: look again.</returns>
    private async Task<ClaimOutcome?> TryResumeAsync(
        string dataset, string caller, string? idempotencyKey, string key, long definitionVersion, string service, ClaimKey known, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var rowKey = new RowKey(dataset, ClaimPrefix + known.BatchId);
        if (await rows.GetAsync<BatchClaim>(RowTable, rowKey, cancellationToken) is { } claim)
        {
            if (claim.Value.IsUpload || claim.Value.LeaseExpires > now)
            {
                // The attempt may have died between its receipt and the end of its claim.
                return await receipts.FindAsync(known.BatchId, cancellationToken) is { State: ReceiptState.Committed } settled
                    ? new ClaimOutcome(null, settled)
                    : claim.Value.IsUpload ? new ClaimOutcome(null, null, claim.Value)
                    : throw InProgress(claim.Value, now);
            }

            var next = claim.Value with { Attempt = claim.Value.Attempt + 1, Owner = NewOwner(), LeaseExpires = now + Lease, Service = service };
            return await rows.TryReplaceAsync(RowTable, rowKey, next, claim.ETag, cancellationToken) is { } taken
                ? new ClaimOutcome(taken, null)
                : null;
        }

        var receipt = await receipts.FindAsync(known.BatchId, cancellationToken);
        if (receipt?.State == ReceiptState.Committed)
            return new ClaimOutcome(null, receipt);
        if (receipt is null)
            return null; // settled between the two reads

        var again = new BatchClaim(known.BatchId, dataset, caller, key, idempotencyKey, known.Started, definitionVersion, known.TableVersion,
            receipt.Attempt + 1, NewOwner(), now + Lease)
        {
            Service = service,
        };
        return await rows.TryInsertAsync(RowTable, rowKey, again, cancellationToken) is { } inserted ? new ClaimOutcome(inserted, null) : null;
    }

    /// <summary>What a request is told whose key stands for a batch that is being worked on.</summary>
    public static TerminalException InProgress(BatchClaim claim, DateTimeOffset now)
    {
        var wait = TimeSpan.FromSeconds(Math.Ceiling(Math.Max(1, (claim.LeaseExpires - now).TotalSeconds)));
        return new TerminalException(FailureKind.Conflict, "BatchInProgress",
            $"A request with this Idempotency-Key is being worked on; its receipt is '{claim.Id}'. Ask again when it has ended.", "Idempotency-Key")
        {
            RetryAfter = wait < LongestWait ? wait : LongestWait,
        };
    }
}
