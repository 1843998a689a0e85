using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace DataPlatform.Lake;

/// <summary>Rows as entities of Azure tables, which come into being with their first row.</summary>
/// <remarks>See <see cref="TableRow"/> for the form of an entity and the writer id, which tells the echo of an own write, repeated by the SDK
/// after its answer was lost, from another's write.</remarks>
public sealed class AzureTableRowStore(StorageAccount account) : IRowStore
{
    private const int PageRows = 250;

    private readonly StorageEndpoint _endpoint = account.TableEndpoint;

    public async Task<Row?> GetAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        var client = Open(table);
        RowLimits.CheckKey(key);
        try
        {
            return await FindAsync(client, key, cancellationToken) is { } entity ? TableRow.Read(entity) : null;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<Row?> TryInsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var client = Open(table);
        var row = TableRow.Create(key, value);
        try
        {
            var response = await InTableAsync(client, () => client.AddEntityAsync(row.Entity, cancellationToken), cancellationToken);
            return row.Stored(response);
        }
        catch (RequestFailedException exception) when (exception.Status == 409 && exception.ErrorCode == TableErrorCode.EntityAlreadyExists)
        {
            return await SettleAsync(client, row, cancellationToken);
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<Row?> TryReplaceAsync(
        string table, RowKey key, ReadOnlyMemory<byte> value, string etag, CancellationToken cancellationToken)
    {
        var client = Open(table);
        var row = TableRow.Create(key, value);
        if (!TableRow.IsETag(etag))
            return null;

        try
        {
            return row.Stored(await client.UpdateEntityAsync(row.Entity, new ETag(etag), TableUpdateMode.Replace, cancellationToken));
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
        catch (RequestFailedException exception) when (exception.Status == 412)
        {
            return await SettleAsync(client, row, cancellationToken);
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<Row> UpsertAsync(string table, RowKey key, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var client = Open(table);
        var row = TableRow.Create(key, value);
        try
        {
            return row.Stored(await InTableAsync(
                client, () => client.UpsertEntityAsync(row.Entity, TableUpdateMode.Replace, cancellationToken), cancellationToken));
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<bool> TryDeleteAsync(string table, RowKey key, string? etag, CancellationToken cancellationToken)
    {
        var client = Open(table);
        RowLimits.CheckKey(key);
        if (etag is not null && !TableRow.IsETag(etag))
            return false;

        try
        {
            // The SDK answers 404 with a response, not an exception.
            var match = etag is null ? ETag.All : new ETag(etag);
            return (await client.DeleteEntityAsync(key.Partition, key.Id, match, cancellationToken)).Status != 404;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 412)
        {
            return false;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async Task<bool> TryBatchAsync(string table, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        var client = Open(table);
        RowLimits.CheckBatch(operations);
        if (operations.Any(static o => o.ETag is not null && !TableRow.IsETag(o.ETag)))
            return false;

        var rows = operations.Select(static o => TableRow.Create(o.Key, o.Value)).ToArray();
        var actions = rows.Zip(operations, static (row, operation) => row.Action(operation)).ToArray();
        try
        {
            await InTableAsync(client, () => client.SubmitTransactionAsync(actions, cancellationToken), cancellationToken);
            return true;
        }
        catch (RequestFailedException exception) when (exception.Status is 404 or 409 or 412)
        {
            // One written row tells whether the refused request was the echo of one that went through.
            var written = Array.FindIndex(actions, static a => a.ActionType != TableTransactionActionType.Delete);
            return written >= 0 && await SettleAsync(client, rows[written], cancellationToken) is not null;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    public async IAsyncEnumerable<Row> QueryAsync(
        string table, string partition, string? after, string? upTo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var client = Open(table);
        RowLimits.CheckKeyPart(partition, "partition");
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {partition}");
        if (!string.IsNullOrEmpty(after))
            filter += " and " + TableClient.CreateQueryFilter($"RowKey gt {after}");
        if (upTo is not null)
            filter += " and " + TableClient.CreateQueryFilter($"RowKey le {upTo}");

        await using var entities = client.QueryAsync<TableEntity>(filter, PageRows, cancellationToken: cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(entities, cancellationToken))
            yield return TableRow.Read(entities.Current);
    }

    private static async Task<T> InTableAsync<T>(TableClient client, Func<Task<T>> write, CancellationToken cancellationToken)
    {
        try
        {
            return await write();
        }
        catch (RequestFailedException exception) when (exception.ErrorCode == TableErrorCode.TableNotFound)
        {
            await client.CreateIfNotExistsAsync(cancellationToken);
            return await write();
        }
    }

    private static async Task<TableEntity?> FindAsync(TableClient client, RowKey key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await client.GetEntityIfExistsAsync<TableEntity>(key.Partition, key.Id, cancellationToken: cancellationToken);
            return found.HasValue ? found.Value : null;
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private TableClient Open(string table)
    {
        RowLimits.CheckTable(table);
        return account.Tables.GetTableClient(TableRow.TableNameOf(table));
    }

    /// <summary>After a refused write: the row when the refusal is the echo of an own write that won, else null.</summary>
    private async Task<Row?> SettleAsync(TableClient client, TableRow row, CancellationToken cancellationToken)
    {
        try
        {
            var entity = await FindAsync(client, row.Key, cancellationToken);
            return entity is not null && row.Wrote(entity) ? TableRow.Read(entity) : null;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    private async Task<bool> MoveNextAsync(IAsyncEnumerator<TableEntity> entities, CancellationToken cancellationToken)
    {
        try
        {
            return await entities.MoveNextAsync();
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return false;
        }
        catch (Exception exception) when (_endpoint.Explain(exception, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }
}
