using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Files;

/// <summary>The rows of operations on folders, and a marker beside each until it has ended.</summary>
public sealed class LakeOperationStore(IRowStore rows, TimeProvider clock)
{
    private const string Table = "lakeoperations";
    private const string Partition = "lake";
    private const string OpenPartition = "_open";
    private const int MaxTries = 50;
    private static readonly TimeSpan ScheduleWithin = TimeSpan.FromSeconds(5);

    /// <summary>The operation that the same caller asked for with the same key.</summary>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    internal async Task<LakeOperation?> FindAsync(string caller, string key, string request, CancellationToken cancellationToken)
    {
        if (await rows.GetAsync<LakeOperationKey>(Table, KeyRow(caller, key), cancellationToken) is not { } known)
            return null;
        return known.Value.Request == request
            ? await GetAsync(known.Value.Id, cancellationToken)
            : throw new TerminalException(
                FailureKind.Unprocessable,
                "IdempotencyKeyReused",
                $"This Idempotency-Key stands for '{known.Value.Id}', which is '{known.Value.Request}'. Take a new key.",
                "Idempotency-Key");
    }

    /// <summary>Stores an operation, or finds the one that came before it with the same key.</summary>
    internal async Task<LakeOperation> CreateAsync(LakeOperation asked, string? key, string request, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (key is not null && await FindAsync(asked.Caller, key, request, cancellationToken) is { } known)
                return known;
            var now = clock.GetUtcNow();
            var operation = asked with { Id = RunId.Create(Partition, now), Created = now };

            // The marker first: an operation without one would never be scheduled if this process ended here.
            await rows.UpsertAsync(Table, Marker(operation.Id), operation, cancellationToken);
            List<RowOperation> inserts = [RowOperation.Insert(RunId.TryGetKey(operation.Id)!.Value, operation)];
            if (key is not null)
                inserts.Add(RowOperation.Insert(KeyRow(asked.Caller, key), new LakeOperationKey(operation.Id, request)));
            if (await rows.TryBatchAsync(Table, inserts, cancellationToken))
                return operation;
            await CloseAsync(operation.Id, cancellationToken);
        }

        throw new TransientException("The operation could not be stored.");
    }

    /// <exception cref="TerminalException"><c>OperationNotFound</c>.</exception>
    public async Task<LakeOperation> GetAsync(string id, CancellationToken cancellationToken) =>
        (KeyOf(id) is { } key ? await rows.GetAsync<LakeOperation>(Table, key, cancellationToken) : null)?.Value ?? throw NotFound();

    /// <exception cref="TerminalException"><c>OperationNotFound</c>.</exception>
    internal async Task<LakeOperation> UpdateAsync(string id, Func<LakeOperation, LakeOperation> change, CancellationToken cancellationToken) =>
        (KeyOf(id) is { } key ? await rows.TryUpdateAsync(Table, key, change, cancellationToken) : null) ?? throw NotFound();

    /// <summary>Operations that should have been scheduled by now and may not have been.</summary>
    public async Task<IReadOnlyList<string>> ListOverdueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<string> overdue = [];
        await foreach (var marker in rows.QueryAsync<LakeOperation>(Table, OpenPartition, after: null, upTo: null, cancellationToken))
        {
            var id = marker.Value.Id;
            if (now - marker.Value.Created < ScheduleWithin)
                continue;
            if (await rows.GetAsync<LakeOperation>(Table, RunId.TryGetKey(id)!.Value, cancellationToken) is { Value.HasEnded: false })
                overdue.Add(id);
            else
                await CloseAsync(id, cancellationToken);
        }

        return overdue;
    }

    internal Task CloseAsync(string id, CancellationToken cancellationToken) => rows.TryDeleteAsync(Table, Marker(id), null, cancellationToken);

    private static RowKey? KeyOf(string id) => RunId.TryGetKey(id) is { Partition: Partition } key ? key : null;

    private static TerminalException NotFound() => new(FailureKind.NotFound, "OperationNotFound", "The lake has no operation of this id.", "id");

    private static RowKey KeyRow(string caller, string key) =>
        new(Partition, $"key.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")))}");

    private static RowKey Marker(string id) => new(OpenPartition, id);
}
