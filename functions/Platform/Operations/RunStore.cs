using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Operations;

/// <summary>
/// The rows of runs. A run's row is the request to run: once it is there, the orchestration of the same id is scheduled, if need be by a
/// timer. A mark beside it (<see cref="OpenRun"/>) stays until what follows from the run's end has been seen to.
/// </summary>
public sealed class RunStore(IRowStore rows, TimeProvider clock, ILogger<RunStore>? logger = null)
{
    /// <summary>The most runs of a pipeline or mart that wait.</summary>
    public const int MaxWaiting = 100;

    /// <summary>The caller of runs that triggers started.</summary>
    public const string TriggerCaller = "trigger";

    internal const string Table = "runs";
    private const int MaxAttempts = 50;
    private const string OpenPartition = "_open";

    private TaskCompletionSource _nextEnd = NewEnd();

    /// <summary>Completes when this process next stores that a run, whichever, has ended.</summary>
    internal Task NextEnd => Volatile.Read(ref _nextEnd).Task;

    /// <summary>Stores a new run, or finds the one that the same caller asked for with the same key.</summary>
    /// <exception cref="TerminalException"><c>RunQueueFull</c>: too many wait already. <c>IdempotencyKeyReused</c>: the key stands for a request
    /// with another document.</exception>
    public async Task<Run> CreateAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var claim = request.IdempotencyKey is { } key ? ClaimKey(request, key) : (RowKey?)null;
        if (claim is { } asked && await rows.GetAsync<RunClaim>(Table, asked, cancellationToken) is { } known)
            return await GetAsync(Same(known.Value, request).Run, cancellationToken);
        if (await IsQueueFullAsync(request.Kind, request.Name, cancellationToken))
        {
            throw new TerminalException(FailureKind.Conflict, "RunQueueFull", $"{MaxWaiting} runs of '{request.Name}' wait already: try again when some have ended.")
            {
                RetryAfter = TimeSpan.FromSeconds(30),
            };
        }

        var now = clock.GetUtcNow();
        var run = NewRun(request, RunId.Create(request.Name, now), now);

        // The mark first: a run without one would never be scheduled if this process ended here.
        await MarkAsync(run, cancellationToken);
        List<RowOperation> inserts = [new(RowOperationKind.Insert, RunId.TryGetKey(run.Id)!.Value, RowStoreJson.Write(run))];
        if (claim is { } place)
            inserts.Add(new(RowOperationKind.Insert, place, RowStoreJson.Write(new RunClaim(run.Id, Fingerprint(request)))));
        if (await rows.TryBatchAsync(Table, inserts, cancellationToken))
            return run;

        var earlier = claim is { } taken ? await rows.GetAsync<RunClaim>(Table, taken, cancellationToken) : null;
        await CloseAsync(run.Id, cancellationToken);
        return earlier is null
            ? throw new TransientException("The run could not be stored.")
            : await GetAsync(Same(earlier.Value, request).Run, cancellationToken);
    }

    /// <summary>Stores the run of a cause, unless it is there: whoever is first, there is one. When too many wait it ends at once, canceled.</summary>
    /// <param name="id">By <see cref="RunId.Derive"/>.</param>
    /// <returns>Null when it was there.</returns>
    internal async Task<Run?> TryCreateAsync(RunRequest request, RunTrigger trigger, string id, CancellationToken cancellationToken)
    {
        var key = RunId.TryGetKey(id)!.Value;
        if (await rows.GetAsync(Table, key, cancellationToken) is not null)
            return null;

        var run = NewRun(request, id, clock.GetUtcNow()) with { Trigger = trigger };
        if (await IsQueueFullAsync(request.Kind, request.Name, cancellationToken))
        {
            var error = new RunFailure("RunQueueFull", $"{MaxWaiting} runs of '{request.Name}' waited already.");
            run = run with { Status = RunStatus.Canceled, Ended = run.Created, Error = error };
        }

        // Somebody else's mark has the same key: it may be written again, but not taken away.
        await MarkAsync(run, cancellationToken);
        FaultPoint.Pass("before-trigger-run");
        if (await rows.TryInsertAsync(Table, key, run, cancellationToken) is null)
            return null;
        FaultPoint.Pass("after-trigger-run");
        return run;
    }

    /// <exception cref="TerminalException"><c>RunNotFound</c>.</exception>
    public async Task<Run> GetAsync(string id, CancellationToken cancellationToken) => await FindAsync(id, cancellationToken) ?? throw NotFound();

    internal async Task<Run?> FindAsync(string id, CancellationToken cancellationToken) =>
        RunId.TryGetKey(id) is { } key ? (await rows.GetAsync<Run>(Table, key, cancellationToken))?.Value : null;

    /// <summary>The runs of a pipeline or mart, newest first.</summary>
    /// <param name="after">The id that the previous page named; null starts with the newest.</param>
    /// <param name="top">The most to return.</param>
    public async Task<RunPage> ListAsync(RunKind kind, string name, string? after, int top, CancellationToken cancellationToken)
    {
        var (from, upTo) = RunId.RowsBehind(after);
        List<Run> runs = [];
        await foreach (var row in rows.QueryAsync<Run>(Table, name, from, upTo, cancellationToken))
        {
            if (row.Value.Kind != kind)
                continue;
            if (runs.Count == top)
                return new RunPage(runs, runs[^1].Id);
            runs.Add(row.Value);
        }

        return new RunPage(runs, Next: null);
    }

    /// <summary>Changes a run's row, again and again when others change it at the same time.</summary>
    /// <param name="change">Gives the run as it shall be, or the same instance to leave it.</param>
    /// <exception cref="TerminalException"><c>RunNotFound</c>.</exception>
    public async Task<Run> UpdateAsync(string id, Func<Run, Run> change, CancellationToken cancellationToken)
    {
        var run = (RunId.TryGetKey(id) is { } key ? await rows.TryUpdateAsync(Table, key, change, cancellationToken) : null) ?? throw NotFound();
        Tell(run);
        return run;
    }

    /// <summary>Inserts a row beside a run's, of its partition, and changes the run's, both at once.</summary>
    /// <param name="change">As for <see cref="UpdateAsync"/>.</param>
    /// <returns>The run; null when a row of that key is there already: then nothing was changed.</returns>
    /// <exception cref="TerminalException"><c>RunNotFound</c>.</exception>
    internal async Task<Run?> TryUpdateAsync(string id, RowKey key, byte[] inserted, Func<Run, Run> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var place = RunId.TryGetKey(id) ?? throw NotFound();
            var row = await rows.GetAsync<Run>(Table, place, cancellationToken) ?? throw NotFound();
            var run = change(row.Value);
            List<RowOperation> operations = [new(RowOperationKind.Insert, key, inserted)];
            if (!ReferenceEquals(run, row.Value))
                operations.Add(new(RowOperationKind.Replace, place, RowStoreJson.Write(run), row.ETag));
            if (await rows.TryBatchAsync(Table, operations, cancellationToken))
            {
                Tell(run);
                return run;
            }

            if (await rows.GetAsync(Table, key, cancellationToken) is not null)
                return null;
            await Task.Delay(Random.Shared.Next(5, 50), cancellationToken);
        }

        throw new TransientException($"The row of run '{id}' is changed by too many at once.");
    }

    /// <summary>All runs that are not settled, in the order of their ids; without a run when its mark is all there is (its process ended in
    /// between, or is about to store it). One whose row is damaged is left out, and told in the log: it cannot go on, and must not stop others.</summary>
    public async Task<IReadOnlyList<(OpenRun Mark, Run? Run)>> ListOpenAsync(CancellationToken cancellationToken) =>
        await ListOpenAsync(after: null, upTo: null, _ => true, cancellationToken);

    /// <summary>Those of a pipeline or mart, oldest first.</summary>
    internal async Task<IReadOnlyList<Run>> ListOpenAsync(RunKind kind, string name, CancellationToken cancellationToken) =>
    [
        .. (await ListOpenAsync($"{name}-", $"{name}-~", mark => mark.Kind == kind && RunId.TryGetKey(mark.Id)?.Partition == name, cancellationToken))
            .Select(open => open.Run)
            .OfType<Run>(),
    ];

    /// <summary>Takes the mark away: the run has ended, and so has all that follows from its end.</summary>
    internal Task CloseAsync(string id, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(Table, new RowKey(OpenPartition, id), etag: null, cancellationToken);

    private async Task<IReadOnlyList<(OpenRun Mark, Run? Run)>> ListOpenAsync(
        string? after, string? upTo, Func<OpenRun, bool> wanted, CancellationToken cancellationToken)
    {
        List<(OpenRun, Run?)> open = [];
        await foreach (var row in rows.QueryAsync<OpenRun>(Table, OpenPartition, after, upTo, cancellationToken))
        {
            if (!wanted(row.Value))
                continue;
            try
            {
                open.Add((row.Value, await FindAsync(row.Value.Id, cancellationToken)));
            }
            catch (TerminalException damage) when (damage.Kind == FailureKind.Internal)
            {
                if (logger is not null)
                    Log.RunUnreadable(logger, row.Value.Id, damage);
            }
        }

        return open;
    }

    private void Tell(Run run)
    {
        if (run.HasEnded)
            Interlocked.Exchange(ref _nextEnd, NewEnd()).SetResult();
    }

    private async Task<bool> IsQueueFullAsync(RunKind kind, string name, CancellationToken cancellationToken) =>
        (await ListOpenAsync(kind, name, cancellationToken)).Count(run => run.Status == RunStatus.NotStarted) >= MaxWaiting;

    private async Task MarkAsync(Run run, CancellationToken cancellationToken) =>
        await rows.UpsertAsync(Table, new RowKey(OpenPartition, run.Id), new OpenRun(run.Id, run.Kind, run.Created), cancellationToken);

    private static TaskCompletionSource NewEnd() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Run NewRun(RunRequest request, string id, DateTimeOffset now) => new()
    {
        Id = id,
        Kind = request.Kind,
        Name = request.Name,
        DefinitionVersion = request.DefinitionVersion,
        Concurrency = request.Concurrency,
        Parent = request.Parent,
        Parameters = request.Parameters,
        FullRefresh = request.FullRefresh,
        Refresh = request.Refresh,
        PinAt = request.PinAt,
        ReadAfter = request.ReadAfter,
        Caller = request.Caller,
        Created = now,
    };

    private static TerminalException NotFound() => new(FailureKind.NotFound, "RunNotFound", "There is no run of this id.", "id");

    private static RunClaim Same(RunClaim known, RunRequest request) => known.Request == Fingerprint(request)
        ? known
        : throw new TerminalException(
            FailureKind.Unprocessable, "IdempotencyKeyReused", $"This Idempotency-Key stands for '{known.Run}', which was asked for with another document. Take a new key.", "Idempotency-Key");

    private static string? Fingerprint(RunRequest request) => request is { Parameters: null or { Count: 0 }, FullRefresh: null, Refresh: null }
        ? null
        : request.Refresh is { } wish ? Convert.ToHexStringLower(SHA256.HashData(RowStoreJson.Write(wish)))
        : Convert.ToHexStringLower(SHA256.HashData(RowStoreJson.Write(
            new { Parameters = request.Parameters?.OrderBy(value => value.Key, StringComparer.Ordinal), request.FullRefresh })));

    private static RowKey ClaimKey(RunRequest request, string key) =>
        new(request.Name, "key-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Kind}\n{request.Parent}\n{request.Caller}\n{key}"))));
}
