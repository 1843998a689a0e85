using System.Globalization;
using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Shows what is in quarantine, and why.</summary>
public sealed class QuarantineService
{
    public const int DefaultCauses = 100;
    public const int MaxCauses = 1000;
    public const int DefaultRows = 1000;
    public const int MaxRows = 1_000_000;

    /// <summary>A receipt does not wait longer for files that others have in quarantine.</summary>
    private static readonly TimeSpan ReceiptPatience = TimeSpan.FromSeconds(5);

    private readonly IObjectStore _objects;
    private readonly CatalogStore _catalog;
    private readonly QuarantineProjection _projection;
    private readonly QuarantineIndex _index;

    public QuarantineService(IRowStore rows, IObjectStore objects, CatalogStore catalog, QuarantineProjection projection)
    {
        _objects = objects;
        _catalog = catalog;
        _projection = projection;
        _index = new QuarantineIndex(rows, objects);
    }

    /// <summary>The causes of a dataset's open rows.</summary>
    /// <param name="after">What the previous page named; null starts with the first.</param>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>.</exception>
    public async Task<CausePage> ListAsync(string dataset, QuarantineFilter filter, string? after, int top, CancellationToken cancellationToken)
    {
        var entry = await _catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        await _projection.CatchUpAsync(dataset, null, cancellationToken);
        var groups = new Dictionary<string, CauseGroup>(StringComparer.Ordinal);
        await foreach (var batch in BatchesAsync(dataset, filter, cancellationToken))
        {
            foreach (var cause in batch.Causes)
            {
                if ((filter.Rule is not null && cause.Rule != filter.Rule) || (filter.Column is not null && cause.Column != filter.Column))
                    continue;
                if (!groups.TryGetValue(cause.Id, out var group))
                    groups.Add(cause.Id, group = new CauseGroup());
                group.Add(batch, cause);
            }
        }

        // The place in this order, not the cause, is where the next page goes on: by then rows may have left, and causes with them.
        var (open, id) = after is null ? (long.MaxValue, "") : ReadPlace(after);
        List<CauseGroup> rest =
        [
            .. groups.Values.OrderByDescending(group => group.Open).ThenBy(group => group.Id, StringComparer.Ordinal)
                .SkipWhile(group => group.Open > open || (group.Open == open && string.CompareOrdinal(group.Id, id) <= 0)),
        ];
        var fixes = new FixSuggester(entry.Definition);
        IReadOnlyList<QuarantineCause> page = [.. rest.Take(top).Select(group => group.ToCause(fixes))];
        return new CausePage(page, top < rest.Count ? string.Create(CultureInfo.InvariantCulture, $"{page[^1].Open}-{page[^1].Id}") : null);
    }

    private static (long Open, string Id) ReadPlace(string after)
    {
        var dash = after.IndexOf('-', StringComparison.Ordinal);
        return dash > 0 && long.TryParse(after.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var open)
            ? (open, after[(dash + 1)..])
            : throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "'after' is the cursor of the page before: take its 'nextLink'.", "after");
    }

    /// <summary>Makes ready to write the open rows of a cause, over all batches.</summary>
    /// <param name="cause">Null for all.</param>
    /// <returns>Writes the rows as NDJSON, as in the quarantine files, each with its <c>batch</c>; memory does not grow with them.</returns>
    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidQueryOption</c>.</exception>
    public async Task<Func<Stream, CancellationToken, Task>> ReadRowsAsync(
        string dataset, string? cause, QuarantineFilter filter, int limit, CancellationToken cancellationToken)
    {
        await _catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
        if (cause == CauseKey.Other.Id)
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "Other causes are not kept apart: ask for the batch, with 'batch'.", "cause");
        await _projection.CatchUpAsync(dataset, null, cancellationToken);
        return async (target, token) =>
        {
            var left = limit;
            await foreach (var batch in BatchesAsync(dataset, filter, token))
            {
                if (left > 0 && batch is { Open: > 0, File: not null } && (cause is null || batch.Causes.Any(one => one.Id == cause || one.Id == CauseKey.Other.Id)))
                    left -= await WriteRowsAsync(dataset, batch, cause, left, target, token);
            }
        };
    }

    /// <summary>A receipt with what has become of the rows that went to quarantine.</summary>
    public async Task<Receipt> CompleteAsync(Receipt receipt, CancellationToken cancellationToken)
    {
        if (receipt is not { State: ReceiptState.Committed, Quarantined: > 0 })
            return receipt;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ReceiptPatience);
        try
        {
            await _projection.CatchUpAsync(receipt.Dataset, null, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A large file is still being counted, which the timer goes on with. What is known of this batch is told.
        }

        return await _index.FindAsync(receipt.Dataset, receipt.Id, cancellationToken) is { } batch
            ? receipt with { Open = batch.Open, Replayed = batch.Replayed, Dismissed = batch.Dismissed }
            : receipt;
    }

    private async IAsyncEnumerable<QuarantinedBatch> BatchesAsync(
        string dataset, QuarantineFilter filter, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (filter.Batch is { } id)
        {
            if (BatchId.TryGetDataset(id, out var owner) && owner == dataset && await _index.FindAsync(dataset, id, cancellationToken) is { } one
                && (filter.Since is null || one.Started >= filter.Since))
            {
                yield return one;
            }

            yield break;
        }

        await foreach (var batch in _index.ListAsync(dataset, cancellationToken))
        {
            if (filter.Since is null || batch.Started >= filter.Since)
                yield return batch;
        }
    }

    private async Task<int> WriteRowsAsync(
        string dataset, QuarantinedBatch batch, string? cause, int most, Stream target, CancellationToken cancellationToken)
    {
        var open = await _index.OpenAsync(await _index.TakenAsync(dataset, batch.Id, cancellationToken), cancellationToken);
        var start = System.Text.Encoding.UTF8.GetBytes($"{{\"batch\":\"{batch.Id}\",");
        byte[]? header = null;
        var written = 0;
        Stream file;
        try
        {
            file = await _objects.OpenReadAsync(LakePath.Parse(batch.File!), batch.FileRange, cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            return 0; // removed after its time, a moment ago
        }

        await using (file)
        {
            await foreach (var row in QuarantineLines.ReadAsync(file, cancellationToken))
            {
                if (row.Header is not null)
                    header = JsonSerializer.SerializeToUtf8Bytes(row.Header, PlatformJson.Options);
                if (!open.Contains(row.Number) || (cause is not null && !row.Errors.Any(error => CauseKey.Of(error).Id == cause)))
                    continue;
                await target.WriteAsync(start, cancellationToken);
                if (header is not null && row.Header is null)
                {
                    await target.WriteAsync("\"header\":"u8.ToArray(), cancellationToken);
                    await target.WriteAsync(header, cancellationToken);
                    await target.WriteAsync(","u8.ToArray(), cancellationToken);
                }

                header = null;
                await target.WriteAsync(row.Text[1..], cancellationToken);
                await target.WriteAsync("\n"u8.ToArray(), cancellationToken);
                if (++written == most)
                    break;
            }
        }

        return written;
    }
}
