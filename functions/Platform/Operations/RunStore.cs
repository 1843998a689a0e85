using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Operations;

/// <summary>
/// The rows of runs. A run's row is the request to run: once it is there, the orchestration of the same id is scheduled, if need be by a
/// timer (<see cref="ListOverdueAsync"/>).
/// </summary>
public sealed class RunStore(IRowStore rows, TimeProvider clock)
{
    private const string Table = "runs";
    private const string PendingPartition = "_pending";
    private const int MaxAttempts = 50;
    private static readonly TimeSpan ScheduleWithin = TimeSpan.FromSeconds(5);

    /// <summary>A marker without a run: the process ended before it stored the run, or somebody else had the key.</summary>
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    /// <summary>Stores a new run, or finds the one that the same caller asked for with the same key.</summary>
    public async Task<Run> CreateAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var run = new Run
        {
            Id = RunId.Create(request.Name, now),
            Kind = request.Kind,
            Name = request.Name,
            DefinitionVersion = request.DefinitionVersion,
            Caller = request.Caller,
            Created = now,
        };

        // The marker first: a run without one would never be scheduled if this process ended here.
        var pending = new RowKey(PendingPartition, run.Id);
        await rows.UpsertAsync(Table, pending, new PendingRun(run.Id, run.Kind, now), cancellationToken);
        List<RowOperation> inserts = [new(RowOperationKind.Insert, RunId.TryGetKey(run.Id)!.Value, RowStoreJson.Write(run))];
        var claim = request.IdempotencyKey is { } key ? ClaimKey(request, key) : (RowKey?)null;
        if (claim is { } place)
            inserts.Add(new(RowOperationKind.Insert, place, RowStoreJson.Write(new RunClaim(run.Id))));
        if (await rows.TryBatchAsync(Table, inserts, cancellationToken))
            return run;

        var earlier = claim is { } taken ? await rows.GetAsync<RunClaim>(Table, taken, cancellationToken) : null;
        await rows.TryDeleteAsync(Table, pending, etag: null, cancellationToken);
        return earlier is null
            ? throw new TransientException("The run could not be stored.")
            : await GetAsync(earlier.Value.Run, cancellationToken);
    }

    /// <exception cref="TerminalException"><c>RunNotFound</c>.</exception>
    public async Task<Run> GetAsync(string id, CancellationToken cancellationToken) => (await ReadAsync(id, cancellationToken)).Value;

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
    public async Task<Run> UpdateAsync(string id, Func<Run, Run> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var row = await ReadAsync(id, cancellationToken);
            var run = change(row.Value);
            if (ReferenceEquals(run, row.Value) || await rows.TryReplaceAsync(Table, row.Key, run, row.ETag, cancellationToken) is not null)
                return run;
            if (attempt == MaxAttempts)
                throw new TransientException($"The row of run '{id}' is changed by too many at once.");
            await Task.Delay(Random.Shared.Next(5, 50), cancellationToken);
        }
    }

    /// <summary>Runs that should have been scheduled by now and may not have been.</summary>
    public async Task<IReadOnlyList<PendingRun>> ListOverdueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        List<PendingRun> overdue = [];
        await foreach (var row in rows.QueryAsync<PendingRun>(Table, PendingPartition, after: null, upTo: null, cancellationToken))
        {
            var pending = row.Value;
            if (now - pending.Created < ScheduleWithin)
                continue;
            if (await rows.GetAsync<Run>(Table, RunId.TryGetKey(pending.Id)!.Value, cancellationToken) is { Value.HasEnded: false })
                overdue.Add(pending);
            else if (now - pending.Created > ForgetAfter)
                await ClearPendingAsync(pending.Id, cancellationToken);
        }

        return overdue;
    }

    /// <summary>Notes that a run's orchestration is under way, or will never be.</summary>
    public Task ClearPendingAsync(string id, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(Table, new RowKey(PendingPartition, id), etag: null, cancellationToken);

    private async Task<StoredRow<Run>> ReadAsync(string id, CancellationToken cancellationToken) =>
        (RunId.TryGetKey(id) is { } key ? await rows.GetAsync<Run>(Table, key, cancellationToken) : null)
        ?? throw new TerminalException(FailureKind.NotFound, "RunNotFound", "There is no run of this id.", "id");

    private static RowKey ClaimKey(RunRequest request, string key) =>
        new(request.Name, "key-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{request.Kind}\n{request.Caller}\n{key}"))));
}
