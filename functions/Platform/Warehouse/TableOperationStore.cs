using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Warehouse;

/// <summary>The rows of operations, one partition a table, newest first; and a marker beside each until it has ended.</summary>
public sealed class TableOperationStore(IRowStore rows, TimeProvider clock)
{
    private const string Table = "tableoperations";
    private const string OpenPartition = "_open";
    private const int MaxTries = 50;
    private static readonly TimeSpan ScheduleWithin = TimeSpan.FromSeconds(5);

    /// <summary>Stores an operation, or finds the one that the same caller asked for with the same key.</summary>
    /// <param name="create">Gives the operation with an id.</param>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    internal async Task<TableOperation> CreateAsync(
        string table, string caller, string? key, ReadOnlyMemory<byte> document, Func<string, TableOperation> create, CancellationToken cancellationToken)
    {
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(document.Span));
        var keyRow = key is null ? (RowKey?)null : new RowKey(table, $"key.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")))}");
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (keyRow is { } place && await rows.GetAsync<TableOperationKey>(Table, place, cancellationToken) is { } known)
            {
                return known.Value.Request == fingerprint
                    ? await GetAsync(table, known.Value.Id, cancellationToken)
                    : throw new TerminalException(
                        FailureKind.Unprocessable, "IdempotencyKeyReused", $"This Idempotency-Key stands for '{known.Value.Id}', which had another document. Take a new key.", "Idempotency-Key");
            }

            var operation = create(RunId.Create(table, clock.GetUtcNow()));

            // The marker first: an operation without one would never be scheduled if this process ended here.
            await rows.UpsertAsync(Table, Marker(operation.Id), operation, cancellationToken);
            List<RowOperation> inserts = [RowOperation.Insert(RunId.TryGetKey(operation.Id)!.Value, operation)];
            if (keyRow is { } free)
                inserts.Add(RowOperation.Insert(free, new TableOperationKey(operation.Id, fingerprint)));
            if (await rows.TryBatchAsync(Table, inserts, cancellationToken))
                return operation;
            await CloseAsync(operation.Id, cancellationToken);
        }

        throw new TransientException("The operation could not be stored.");
    }

    /// <exception cref="TerminalException"><c>OperationNotFound</c>.</exception>
    public async Task<TableOperation> GetAsync(string table, string id, CancellationToken cancellationToken) =>
        (await FindAsync(id, cancellationToken))?.Value is { } operation && operation.Table == table
            ? operation
            : throw new TerminalException(FailureKind.NotFound, "OperationNotFound", "The table has no operation of this id.", "id");

    /// <exception cref="TerminalException"><c>OperationNotFound</c>.</exception>
    public async Task<TableOperation> UpdateAsync(string id, Func<TableOperation, TableOperation> change, CancellationToken cancellationToken) =>
        (RunId.TryGetKey(id) is { } key ? await rows.TryUpdateAsync(Table, key, change, cancellationToken) : null)
        ?? throw new TerminalException(FailureKind.NotFound, "OperationNotFound", "There is no operation of this id.", "id");

    /// <param name="after">The id that the previous page named; null starts with the newest.</param>
    public async Task<TableOperationPage> ListAsync(string table, string? after, int top, CancellationToken cancellationToken)
    {
        var (from, upTo) = RunId.RowsBehind(after);
        List<TableOperation> found = [];
        await foreach (var row in rows.QueryAsync<TableOperation>(Table, table, from, upTo, cancellationToken))
        {
            if (found.Count == top)
                return new TableOperationPage(found, found[^1].Id);
            found.Add(row.Value);
        }

        return new TableOperationPage(found, Next: null);
    }

    /// <summary>Operations that should have been scheduled by now and may not have been.</summary>
    public async Task<IReadOnlyList<string>> ListOverdueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<string> overdue = [];
        await foreach (var row in rows.QueryAsync<TableOperation>(Table, OpenPartition, after: null, upTo: null, cancellationToken))
        {
            if (now - row.Value.Created < ScheduleWithin)
                continue;
            if (await FindAsync(row.Value.Id, cancellationToken) is { Value.HasEnded: false })
                overdue.Add(row.Value.Id);
            else
                await CloseAsync(row.Value.Id, cancellationToken);
        }

        return overdue;
    }

    public Task CloseAsync(string id, CancellationToken cancellationToken) => rows.TryDeleteAsync(Table, Marker(id), null, cancellationToken);

    private async Task<StoredRow<TableOperation>?> FindAsync(string id, CancellationToken cancellationToken) =>
        RunId.TryGetKey(id) is { } key ? await rows.GetAsync<TableOperation>(Table, key, cancellationToken) : null;

    private static RowKey Marker(string id) => new(OpenPartition, id);
}
