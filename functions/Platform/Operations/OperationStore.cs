using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>The rows of one kind of operations, newest first in each partition; and a marker beside each until it has ended.</summary>
/// <param name="table">The row table.</param>
public sealed class OperationStore<T>(IRowStore rows, string table, TimeProvider clock)
    where T : RequestedOperation
{
    private const string CanceledCode = "OperationCanceled";
    private const string OpenPartition = "_open";
    private const int MaxTries = 50;
    private static readonly TimeSpan ScheduleWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>The operation that the same caller asked for with the same key.</summary>
    /// <param name="request">Tells the request from others.</param>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    internal async Task<T?> FindAsync(string partition, string caller, string key, string request, CancellationToken cancellationToken)
    {
        if (await rows.GetAsync<OperationKey>(table, KeyRow(partition, caller, key), cancellationToken) is not { } known)
            return null;
        return known.Value.Request == request
            ? await GetAsync(partition, known.Value.Id, cancellationToken)
            : throw new TerminalException(
                FailureKind.Unprocessable,
                "IdempotencyKeyReused",
                $"This Idempotency-Key stands for '{known.Value.Id}', which was asked for with another request. Take a new key.",
                "Idempotency-Key");
    }

    /// <summary>Stores an operation, or finds the one that the same caller asked for with the same key.</summary>
    /// <param name="create">Gives the operation with an id and the time.</param>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    internal async Task<T> CreateAsync(
        string partition, string caller, string? key, string request, Func<string, DateTimeOffset, T> create, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (key is not null && await FindAsync(partition, caller, key, request, cancellationToken) is { } known)
                return known;
            var now = clock.GetUtcNow();
            var operation = create(RunId.Create(partition, now), now);

            // The marker first: an operation without one would never be scheduled if this process ended here.
            await rows.UpsertAsync(table, Marker(operation.Id), operation, cancellationToken);
            List<RowOperation> inserts = [RowOperation.Insert(RunId.TryGetKey(operation.Id)!.Value, operation)];
            if (key is not null)
                inserts.Add(RowOperation.Insert(KeyRow(partition, caller, key), new OperationKey(operation.Id, request)));
            if (await rows.TryBatchAsync(table, inserts, cancellationToken))
                return operation;
            await CloseAsync(operation.Id, cancellationToken);
        }

        throw new TransientException("The operation could not be stored.");
    }

    /// <exception cref="TerminalException"><c>OperationNotFound</c>.</exception>
    public async Task<T> GetAsync(string partition, string id, CancellationToken cancellationToken) =>
        RunId.TryGetKey(id)?.Partition == partition && await FindAsync(id, cancellationToken) is { } operation ? operation : throw NotFound();

    /// <param name="after">The id that the previous page named; null starts with the newest.</param>
    public async Task<OperationPage<T>> ListAsync(string partition, string? after, int top, CancellationToken cancellationToken)
    {
        var (from, upTo) = RunId.RowsBehind(after);
        List<T> found = [];
        await foreach (var row in rows.QueryAsync<T>(table, partition, from, upTo, cancellationToken))
        {
            if (found.Count == top)
                return new OperationPage<T>(found, found[^1].Id);
            found.Add(row.Value);
        }

        return new OperationPage<T>(found, Next: null);
    }

    /// <summary>Waits a while for an operation to end.</summary>
    /// <exception cref="TerminalException"><c>OperationNotFound</c>.</exception>
    public Task<T> WaitAsync(string partition, string id, TimeSpan atMost, CancellationToken cancellationToken) =>
        LongPoll.WaitAsync(() => GetAsync(partition, id, cancellationToken), operation => operation.HasEnded, atMost, clock, cancellationToken);

    /// <exception cref="TerminalException"><c>OperationNotFound</c>.</exception>
    internal async Task<T> UpdateAsync(string id, Func<T, T> change, CancellationToken cancellationToken) =>
        (RunId.TryGetKey(id) is { } key ? await rows.TryUpdateAsync(table, key, change, cancellationToken) : null) ?? throw NotFound();

    /// <summary>Asks an operation to end: what is done stays done, no more is. Again changes nothing.</summary>
    /// <exception cref="TerminalException"><c>OperationNotFound</c>, <c>OperationHasEnded</c>.</exception>
    public async Task<T> CancelAsync(string partition, string id, string caller, CancellationToken cancellationToken)
    {
        await GetAsync(partition, id, cancellationToken);
        var wish = new RunCancel(clock.GetUtcNow(), caller);
        return await UpdateAsync(
            id,
            current => current.HasEnded
                ? throw new TerminalException(
                    FailureKind.Conflict, "OperationHasEnded", $"The operation has ended already, as '{current.Status}': there is nothing to cancel.", "id")
                : current.CancelRequested is not null ? current : (T)(current with { CancelRequested = wish }),
            cancellationToken);
    }

    /// <summary>What each round of work begins with.</summary>
    /// <exception cref="TerminalException"><c>OperationCanceled</c>: it is no longer wanted.</exception>
    internal async Task<T> BeginAsync(string id, CancellationToken cancellationToken)
    {
        var operation = await BeginAnywayAsync(id, cancellationToken);
        EnsureWanted(operation);
        return operation;
    }

    /// <summary>The same for work that may have been done by an earlier attempt: the caller looks, and ensures that it is wanted if it was not.</summary>
    internal Task<T> BeginAnywayAsync(string id, CancellationToken cancellationToken) => UpdateAsync(
        id, current => current.Status == RunStatus.NotStarted ? (T)(current with { Status = RunStatus.Running }) : current, cancellationToken);

    /// <exception cref="TerminalException"><c>OperationCanceled</c>.</exception>
    internal static void EnsureWanted(T operation)
    {
        if (operation is { HasEnded: false, CancelRequested: { } wish })
            throw Canceled(wish);
    }

    /// <summary>Works until it is done, or somebody asks the operation to end.</summary>
    /// <exception cref="TerminalException"><c>OperationCanceled</c>.</exception>
    internal async Task<TResult> WorkAsync<TResult>(string id, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(id, ending);
        try
        {
            return await work(ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && ending.IsCancellationRequested && watch.IsCompletedSuccessfully)
        {
            throw Canceled((await watch)!);
        }
        finally
        {
            await ending.CancelAsync();
            await watch;
        }
    }

    /// <summary>The last activity.</summary>
    /// <param name="error">Why it did not come to its end; null when it did.</param>
    public async Task EndAsync(string id, RunFailure? error, CancellationToken cancellationToken)
    {
        var status = error switch
        {
            null => RunStatus.Succeeded,
            { Code: CanceledCode } => RunStatus.Canceled,
            _ => RunStatus.Failed,
        };
        await UpdateAsync(
            id, current => current.HasEnded ? current : (T)(current with { Status = status, Error = error, Ended = clock.GetUtcNow() }), cancellationToken);
        await CloseAsync(id, cancellationToken);
    }

    /// <summary>Operations that should have been scheduled by now and may not have been.</summary>
    public async Task<IReadOnlyList<string>> ListOverdueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<string> overdue = [];
        await foreach (var marker in rows.QueryAsync<T>(table, OpenPartition, after: null, upTo: null, cancellationToken))
        {
            if (now - marker.Value.Created < ScheduleWithin)
                continue;
            if (await FindAsync(marker.Value.Id, cancellationToken) is { HasEnded: false })
                overdue.Add(marker.Value.Id);
            else
                await CloseAsync(marker.Value.Id, cancellationToken);
        }

        return overdue;
    }

    /// <returns>The wish that it ends; null when the work ended first.</returns>
    private async Task<RunCancel?> WatchAsync(string id, CancellationTokenSource ending)
    {
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, clock, ending.Token);
                try
                {
                    if ((await FindAsync(id, ending.Token))?.CancelRequested is not { } wish)
                        continue;
                    await ending.CancelAsync();
                    return wish;
                }
                catch (TransientException)
                {
                    // The next look tells.
                }
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private Task<bool> CloseAsync(string id, CancellationToken cancellationToken) => rows.TryDeleteAsync(table, Marker(id), null, cancellationToken);

    private async Task<T?> FindAsync(string id, CancellationToken cancellationToken) =>
        RunId.TryGetKey(id) is { } key ? (await rows.GetAsync<T>(table, key, cancellationToken))?.Value : null;

    private static TerminalException Canceled(RunCancel wish) =>
        new(FailureKind.Conflict, CanceledCode, $"It was canceled by '{wish.Caller}'. What it had done by then stays done.");

    private static TerminalException NotFound() => new(FailureKind.NotFound, "OperationNotFound", "There is no operation of this id here.", "id");

    private static RowKey KeyRow(string partition, string caller, string key) =>
        new(partition, $"key.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{caller}\n{key}")))}");

    private static RowKey Marker(string id) => new(OpenPartition, id);
}
