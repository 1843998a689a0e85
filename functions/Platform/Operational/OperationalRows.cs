using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Operational;

/// <summary>The rows of the operational store. A row is only ever replaced by one with a larger position, whoever writes it and how
/// often.</summary>
internal sealed class OperationalRows(IRowStore rows, IObjectStore objects)
{
    public const string RowTable = "operational";

    private const string StatePartition = ".state";
    private const int MaxTries = 100;
    private const int ParallelReads = 8;

    // Contracts take JSON nested to 64, and it stands within a row within a document here.
    private static readonly JsonSerializerOptions Json = new(PlatformJson.Options) { MaxDepth = 256 };

    /// <returns>Null when the key was never there.</returns>
    public async Task<OperationalRow?> FindAsync(string dataset, OperationalKey key, CancellationToken cancellationToken) =>
        await rows.GetAsync(RowTable, key.RowKeyIn(dataset), cancellationToken) is { } row ? Read<OperationalRow>(row) : null;

    /// <summary>Reads what a row keeps in an object of its own.</summary>
    /// <returns>Null when the row has been replaced since.</returns>
    public async Task<OperationalObject?> TryOpenAsync(OperationalRow row, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = await objects.OpenReadAsync(LakePath.Parse(row.Object!), null, cancellationToken);
            return await JsonSerializer.DeserializeAsync<OperationalObject>(stream, Json, cancellationToken);
        }
        catch (ObjectNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Rows of a partition with ids above one, ascending.</summary>
    public async IAsyncEnumerable<(string Id, OperationalRow Row)> QueryAsync(
        string dataset, int partition, string? after, string? upTo, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var name = OperationalKey.RowKeyOf(dataset, partition, "").Partition;
        await foreach (var row in rows.QueryAsync(RowTable, name, after, upTo, cancellationToken))
            yield return (row.Key.Id, Read<OperationalRow>(row));
    }

    /// <summary>Writes rows of one partition with different ids, those of them that are later than what is there.</summary>
    /// <param name="expectNew">Tries first whether all of them are new.</param>
    /// <returns>Whether all were new.</returns>
    public async Task<bool> UpsertAsync(
        string dataset, int partition, IReadOnlyList<(string Id, OperationalRow Row)> chunk, bool expectNew, CancellationToken cancellationToken)
    {
        var fitting = new List<(RowKey Key, OperationalRow Row, byte[] Value)>(chunk.Count);
        foreach (var (id, row) in chunk)
        {
            var key = OperationalKey.RowKeyOf(dataset, partition, id);
            var value = JsonSerializer.SerializeToUtf8Bytes(row, Json);
            if (value.Length <= RowLimits.MaxValueBytes)
                fitting.Add((key, row, value));
            else
                await UpsertLargeAsync(dataset, key, row, cancellationToken);
        }

        if (fitting.Count == 0)
            return false;
        if (expectNew && await rows.TryBatchAsync(
            RowTable, [.. fitting.Select(item => new RowOperation(RowOperationKind.Insert, item.Key, item.Value))], cancellationToken))
            return true;

        await UpsertFittingAsync(fitting, cancellationToken);
        return false;
    }

    public async Task<StoredRow<OperationalState>?> FindStateAsync(string dataset, CancellationToken cancellationToken) =>
        await rows.GetAsync<OperationalState>(RowTable, StateKey(dataset), cancellationToken);

    /// <returns>False when another has changed it.</returns>
    public async Task<bool> TryChangeStateAsync(
        string dataset, StoredRow<OperationalState>? known, OperationalState state, CancellationToken cancellationToken) =>
        (known is null
            ? await rows.TryInsertAsync(RowTable, StateKey(dataset), state, cancellationToken)
            : await rows.TryReplaceAsync(RowTable, StateKey(dataset), state, known.ETag, cancellationToken)) is not null;

    /// <summary>Deletes, or counts, all rows of a dataset whose table is dropped.</summary>
    public static async Task<long> PurgeAsync(IRowStore rows, IObjectStore objects, TableName table, bool dryRun, CancellationToken cancellationToken)
    {
        if (table.Kind != TableKind.Dataset)
            return 0;
        var count = 0L;
        for (var partition = 0; partition < OperationalKey.Partitions; partition++)
            count += await Purge.RowsAsync(rows, RowTable, OperationalKey.RowKeyOf(table.Name, partition, "").Partition, dryRun, cancellationToken);
        await Purge.RowsAsync(rows, RowTable, StateKey(table.Name).Partition, dryRun, cancellationToken);
        await Purge.ObjectsAsync(objects, LakePath.Parse($"lake/operational/{table.Name}"), dryRun, cancellationToken);
        return count;
    }

    private static RowKey StateKey(string dataset) => new(dataset + StatePartition, "state");

    private static T Read<T>(Row row) => JsonSerializer.Deserialize<T>(row.Value.Span, Json)
        ?? throw new TerminalException(FailureKind.Internal, "UnreadableRow", $"The row '{row.Key.Id}' of table '{RowTable}' is null.");

    private async Task UpsertFittingAsync(List<(RowKey Key, OperationalRow Row, byte[] Value)> chunk, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            var operations = new List<RowOperation>();
            var freed = new List<string>();
            foreach (var group in chunk.Chunk(ParallelReads))
            {
                var known = await Task.WhenAll(group.Select(item => rows.GetAsync(RowTable, item.Key, cancellationToken)));
                foreach (var (item, row) in group.Zip(known))
                {
                    if (row is null)
                    {
                        operations.Add(new RowOperation(RowOperationKind.Insert, item.Key, item.Value));
                    }
                    else if (Read<OperationalRow>(row) is var there && item.Row.Position.IsAfter(there.Position))
                    {
                        operations.Add(new RowOperation(RowOperationKind.Replace, item.Key, item.Value, row.ETag));
                        if (there.Object is not null && there.Object != item.Row.Object)
                            freed.Add(there.Object);
                    }
                }
            }

            if (operations.Count == 0)
                return;
            if (await rows.TryBatchAsync(RowTable, operations, cancellationToken))
            {
                foreach (var path in freed)
                    await objects.TryDeleteAsync(LakePath.Parse(path), null, cancellationToken);
                return;
            }

            // Another writer has changed one of them: look again.
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(2, 20)), cancellationToken);
        }

        throw new TransientException($"Rows of '{chunk[0].Key.Partition}' in the operational store are written by too many at once.");
    }

    /// <summary>A row too large for the row store lies in an object, which is there before its row is. Its path follows from the position, so
    /// whoever writes it again writes the same.</summary>
    private async Task UpsertLargeAsync(string dataset, RowKey key, OperationalRow row, CancellationToken cancellationToken)
    {
        if (await rows.GetAsync(RowTable, key, cancellationToken) is { } known && !row.Position.IsAfter(Read<OperationalRow>(known).Position))
            return;
        var place = row.Position;
        var path = LakePath.Parse(FormattableString.Invariant(
            $"lake/operational/{dataset}/{OperationalKey.HashOf(key.Id)}/{place.Epoch}-{place.Version}-{place.Batch}-{place.Row}.json"));
        var content = JsonSerializer.SerializeToUtf8Bytes(new OperationalObject(row.Key!, row.Values), Json);
        await objects.TryPutAsync(path, content, PutCondition.None, "application/json", cancellationToken);
        var small = row with { Key = null, Values = null, Object = path.Value };
        await UpsertFittingAsync([(key, small, JsonSerializer.SerializeToUtf8Bytes(small, Json))], cancellationToken);
    }
}
