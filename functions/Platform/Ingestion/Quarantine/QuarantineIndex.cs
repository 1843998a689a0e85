using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>The rows of the index, one partition a dataset: <c>batch.{batch}</c> is a <see cref="QuarantinedBatch"/>, <c>taken.{batch}.{id}</c> are
/// <see cref="TakenRows"/>.</summary>
internal sealed class QuarantineIndex(IRowStore rows, IObjectStore objects)
{
    public const string RowTable = "quarantine";

    private const int MaxTries = 50;
    private const string BatchPrefix = "batch.";
    private const string TakenPrefix = "taken.";

    public async Task<QuarantinedBatch?> FindAsync(string dataset, string batch, CancellationToken cancellationToken) =>
        (await rows.GetAsync<QuarantinedBatch>(RowTable, BatchKey(dataset, batch), cancellationToken))?.Value;

    /// <summary>Those of a dataset, in the order in which they started.</summary>
    public async IAsyncEnumerable<QuarantinedBatch> ListAsync(
        string dataset, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in rows.QueryAsync<QuarantinedBatch>(RowTable, dataset, BatchPrefix, BatchPrefix + "~", cancellationToken))
            yield return row.Value;
    }

    /// <summary>The batches that may have rows of a selection.</summary>
    public async IAsyncEnumerable<QuarantinedBatch> SelectAsync(
        string dataset, QuarantineSelection selection, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (selection.Batches is { } named)
        {
            foreach (var id in named.Distinct(StringComparer.Ordinal))
            {
                if (await FindAsync(dataset, id, cancellationToken) is { } batch && selection.MayHave(batch))
                    yield return batch;
            }

            yield break;
        }

        await foreach (var batch in ListAsync(dataset, cancellationToken))
        {
            if (selection.MayHave(batch))
                yield return batch;
        }
    }

    public Task AddAsync(string dataset, TakenRows taken, CancellationToken cancellationToken) =>
        rows.UpsertAsync(RowTable, new RowKey(dataset, $"{TakenPrefix}{taken.Batch}.{taken.Id}"), taken, cancellationToken);

    /// <summary>All that has left a batch's quarantine so far.</summary>
    public async Task<IReadOnlyList<TakenRows>> TakenAsync(string dataset, string batch, CancellationToken cancellationToken)
    {
        List<TakenRows> taken = [];
        var prefix = $"{TakenPrefix}{batch}.";
        await foreach (var row in rows.QueryAsync<TakenRows>(RowTable, dataset, prefix, prefix + "~", cancellationToken))
            taken.Add(row.Value);
        return taken;
    }

    /// <summary>The rows that are still there.</summary>
    public async Task<OpenRows> OpenAsync(IReadOnlyList<TakenRows> taken, CancellationToken cancellationToken)
    {
        List<RowSet> sets = [];
        foreach (var some in taken.Where(some => !some.IsAll))
            sets.Add(RowSet.Parse(some.Ranges ?? await ReadAsync(some.Object!, cancellationToken)));
        return new OpenRows(sets, taken.Any(some => some.IsAll));
    }

    /// <summary>Stores what was counted, unless a later count is there.</summary>
    /// <param name="count">Counts from what is in the index now.</param>
    public async Task<QuarantinedBatch> UpdateAsync(
        string dataset, string batch, Func<QuarantinedBatch?, CancellationToken, Task<QuarantinedBatch>> count, CancellationToken cancellationToken)
    {
        var key = BatchKey(dataset, batch);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var present = await rows.GetAsync<QuarantinedBatch>(RowTable, key, cancellationToken);
            var counted = Fit(await count(present?.Value, cancellationToken));
            if (present is not null && present.Value.CountedVersion > counted.CountedVersion)
                return present.Value;
            var stored = present is null
                ? await rows.TryInsertAsync(RowTable, key, counted, cancellationToken)
                : await rows.TryReplaceAsync(RowTable, key, counted, present.ETag, cancellationToken);
            if (stored is not null)
                return counted;
        }

        throw new TransientException($"The quarantine of batch '{batch}' is counted by too many at once.");
    }

    /// <summary>Tells the ledger. What leaves a quarantine never comes back, so that a smaller count is an older one.</summary>
    public async Task NoteTakenAsync(string dataset, QuarantinedBatch batch, CancellationToken cancellationToken)
    {
        var key = new RowKey(Ledger.TakenOf(dataset), batch.Id);
        var taken = new TakenFromQuarantine(batch.Replayed, batch.Dismissed);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var present = await rows.GetAsync<TakenFromQuarantine>(Ledger.RowTable, key, cancellationToken);
            if (present is not null && present.Value.Count >= taken.Count)
                return;
            var stored = present is null
                ? await rows.TryInsertAsync(Ledger.RowTable, key, taken, cancellationToken)
                : await rows.TryReplaceAsync(Ledger.RowTable, key, taken, present.ETag, cancellationToken);
            if (stored is not null)
                return;
        }

        throw new TransientException($"The quarantine of batch '{batch.Id}' is counted by too many at once.");
    }

    private static RowKey BatchKey(string dataset, string batch) => new(dataset, BatchPrefix + batch);

    /// <summary>Values can be long in bytes: what does not fit in a row goes without examples.</summary>
    private static QuarantinedBatch Fit(QuarantinedBatch batch) =>
        RowStoreJson.Write(batch).Length <= RowLimits.MaxValueBytes
            ? batch
            : batch with { Causes = [.. batch.Causes.Select(cause => cause with { Examples = [.. cause.Examples.Select(example => example with { Value = null })], Values = [] })] };

    private async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        await using var stream = await objects.OpenReadAsync(LakePath.Parse(path), null, cancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
