using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>The rows of backfills, one partition a pipeline, newest first; and a mark of each until it has ended.</summary>
public sealed class BackfillStore(IRowStore rows)
{
    private const string Table = "backfills";
    private const string OpenPartition = "_open";

    /// <summary>Finds the backfill that the same caller asked for with the same key.</summary>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    public async Task<Backfill?> FindByKeyAsync(string pipeline, string caller, string key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        if (await rows.GetAsync<BackfillKey>(Table, KeyOf(pipeline, caller, key), cancellationToken) is not { } known)
            return null;
        return known.Value.Request == HashOf(document.Span)
            ? await GetAsync(known.Value.Id, cancellationToken)
            : throw new TerminalException(
                FailureKind.Unprocessable, "IdempotencyKeyReused", $"This Idempotency-Key stands for '{known.Value.Id}', which had another document. Take a new key.", "Idempotency-Key");
    }

    /// <summary>Stores a backfill, unless its key stands for another one: then that.</summary>
    public async Task<Backfill> CreateAsync(Backfill backfill, string? key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        // The mark first: a backfill without one would never be begun if this process ended here.
        await rows.UpsertAsync(Table, new RowKey(OpenPartition, backfill.Id), new OpenBackfill(backfill.Id, backfill.Created), cancellationToken);
        List<RowOperation> inserts = [RowOperation.Insert(RunId.TryGetKey(backfill.Id)!.Value, backfill)];
        if (key is not null)
            inserts.Add(RowOperation.Insert(KeyOf(backfill.Pipeline, backfill.Caller, key), new BackfillKey(backfill.Id, HashOf(document.Span))));
        if (await rows.TryBatchAsync(Table, inserts, cancellationToken))
            return backfill;

        await CloseAsync(backfill.Id, cancellationToken);
        return (key is null ? null : await FindByKeyAsync(backfill.Pipeline, backfill.Caller, key, document, cancellationToken))
            ?? throw new TransientException("The backfill could not be stored.");
    }

    /// <exception cref="TerminalException"><c>BackfillNotFound</c>.</exception>
    public async Task<Backfill> GetAsync(string id, CancellationToken cancellationToken) =>
        (RunId.TryGetKey(id) is { } key ? await rows.GetAsync<Backfill>(Table, key, cancellationToken) : null)?.Value ?? throw NotFound();

    /// <exception cref="TerminalException"><c>BackfillNotFound</c>.</exception>
    public async Task<Backfill> UpdateAsync(string id, Func<Backfill, Backfill> change, CancellationToken cancellationToken) =>
        (RunId.TryGetKey(id) is { } key ? await rows.TryUpdateAsync(Table, key, change, cancellationToken) : null) ?? throw NotFound();

    /// <param name="after">The id that the previous page named; null starts with the newest.</param>
    public async Task<BackfillPage> ListAsync(string pipeline, string? after, int top, CancellationToken cancellationToken)
    {
        var (from, upTo) = RunId.RowsBehind(after);
        List<Backfill> found = [];
        await foreach (var row in rows.QueryAsync<Backfill>(Table, pipeline, from, upTo, cancellationToken))
        {
            if (found.Count == top)
                return new BackfillPage(found, found[^1].Id);
            found.Add(row.Value);
        }

        return new BackfillPage(found, Next: null);
    }

    /// <summary>Marks of those that have not ended, with their age.</summary>
    internal async Task<IReadOnlyList<OpenBackfill>> ListOpenAsync(CancellationToken cancellationToken)
    {
        List<OpenBackfill> open = [];
        await foreach (var row in rows.QueryAsync<OpenBackfill>(Table, OpenPartition, after: null, upTo: null, cancellationToken))
            open.Add(row.Value);
        return open;
    }

    internal Task CloseAsync(string id, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(Table, new RowKey(OpenPartition, id), etag: null, cancellationToken);

    private static TerminalException NotFound() => new(FailureKind.NotFound, "BackfillNotFound", "There is no backfill of this id.", "backfill");

    private static RowKey KeyOf(string pipeline, string caller, string key) => new(pipeline, "key-" + HashOf(Encoding.UTF8.GetBytes($"{caller}\n{key}")));

    private static string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
