using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>
/// The rows of replays, one partition a dataset: <c>replay.{id}</c>, <c>step.{id}.{parent}</c>, <c>key.{hash}</c>. A replay's row is the request: once it
/// is there, the orchestration of the same id is scheduled, if need be by a timer.
/// </summary>
public sealed class ReplayStore(IRowStore rows, TimeProvider clock)
{
    internal const string Table = "replays";
    private const string PendingPartition = "_pending";
    private const int MaxTries = 50;
    private static readonly TimeSpan ScheduleWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(10);

    /// <summary>Stores a replay, or finds the one that the same caller asked for with the same key.</summary>
    /// <param name="create">Gives the replay with an id.</param>
    /// <param name="fingerprint">Of the request's document.</param>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    internal async Task<Replay> CreateAsync(
        string dataset, string caller, string? key, string fingerprint, Func<string, Replay> create, CancellationToken cancellationToken)
    {
        var keyRow = key is null ? (RowKey?)null : new RowKey(dataset, $"key.{HashOf($"replay\n{caller}\n{key}")}");
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (keyRow is { } place && await rows.GetAsync<ReplayKey>(Table, place, cancellationToken) is { } known)
                return await GetAsync(dataset, Same(known.Value, fingerprint).Id, cancellationToken);
            var replay = create(BatchId.Create(dataset, clock.GetUtcNow()));

            // The marker first: a replay without one would never be scheduled if this process ended here.
            await rows.UpsertAsync(Table, new RowKey(PendingPartition, replay.Id), new PendingReplay(replay.Id, dataset, replay.Created), cancellationToken);
            List<RowOperation> inserts = [new(RowOperationKind.Insert, KeyOf(replay), RowStoreJson.Write(replay))];
            if (keyRow is { } free)
                inserts.Add(new(RowOperationKind.Insert, free, RowStoreJson.Write(new ReplayKey(replay.Id, fingerprint))));
            if (await rows.TryBatchAsync(Table, inserts, cancellationToken))
                return replay;
            await ClearPendingAsync(replay.Id, cancellationToken);
        }

        throw new TransientException("The replay could not be stored.");
    }

    /// <exception cref="TerminalException"><c>ReplayNotFound</c>.</exception>
    public async Task<Replay> GetAsync(string dataset, string id, CancellationToken cancellationToken) =>
        (await FindAsync(dataset, id, cancellationToken))?.Value ?? throw NotFound(dataset);

    /// <exception cref="TerminalException"><c>ReplayNotFound</c>.</exception>
    public async Task<Replay> UpdateAsync(string dataset, string id, Func<Replay, Replay> change, CancellationToken cancellationToken) =>
        (TryGetKey(dataset, id) is { } key ? await rows.TryUpdateAsync(Table, key, change, cancellationToken) : null) ?? throw NotFound(dataset);

    /// <summary>The steps that were begun.</summary>
    internal async Task<IReadOnlyList<ReplayStep>> StepsAsync(string dataset, string id, CancellationToken cancellationToken)
    {
        List<ReplayStep> steps = [];
        await foreach (var row in rows.QueryAsync<ReplayStep>(Table, dataset, $"step.{id}.", $"step.{id}.~", cancellationToken))
            steps.Add(row.Value);
        return steps;
    }

    /// <summary>Begins a step, or begins it once more.</summary>
    /// <param name="create">Its first attempt.</param>
    internal async Task<ReplayStep> BeginStepAsync(string dataset, string id, string parent, Func<ReplayStep> create, CancellationToken cancellationToken)
    {
        var key = StepKey(dataset, id, parent);
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await rows.GetAsync<ReplayStep>(Table, key, cancellationToken) is not { } row)
            {
                if (await rows.TryInsertAsync(Table, key, create(), cancellationToken) is { } inserted)
                    return inserted.Value;
                continue;
            }

            if (row.Value.Result is not null)
                return row.Value;
            if (await rows.TryReplaceAsync(Table, key, row.Value with { Attempt = row.Value.Attempt + 1 }, row.ETag, cancellationToken) is { } again)
                return again.Value;
        }

        throw new TransientException($"Too many work at the replay of batch '{parent}'.");
    }

    internal Task EndStepAsync(string dataset, string id, ReplayStep step, CancellationToken cancellationToken) =>
        rows.UpsertAsync(Table, StepKey(dataset, id, step.Parent), step, cancellationToken);

    /// <summary>Replays that should have been scheduled by now and may not have been.</summary>
    public async Task<IReadOnlyList<PendingReplay>> ListOverdueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        List<PendingReplay> overdue = [];
        await foreach (var row in rows.QueryAsync<PendingReplay>(Table, PendingPartition, after: null, upTo: null, cancellationToken))
        {
            var pending = row.Value;
            if (now - pending.Created < ScheduleWithin)
                continue;
            if (await FindAsync(pending.Dataset, pending.Id, cancellationToken) is { Value.HasEnded: false })
                overdue.Add(pending);
            else if (now - pending.Created > ForgetAfter)
                await ClearPendingAsync(pending.Id, cancellationToken);
        }

        return overdue;
    }

    public Task ClearPendingAsync(string id, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(Table, new RowKey(PendingPartition, id), etag: null, cancellationToken);

    /// <summary>Finds what a dismissal's key stands for, or makes it stand for this one.</summary>
    /// <exception cref="TerminalException"><c>IdempotencyKeyReused</c>.</exception>
    internal async Task<Dismissal> BeginDismissalAsync(string dataset, string caller, string key, string fingerprint, Dismissal dismissal, CancellationToken cancellationToken)
    {
        var place = new RowKey(dataset, $"key.{HashOf($"dismissal\n{caller}\n{key}")}");
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await rows.GetAsync<ReplayKey>(Table, place, cancellationToken) is { } known)
                return (await rows.GetAsync<Dismissal>(Table, DismissalKey(dataset, Same(known.Value, fingerprint).Id), cancellationToken))!.Value;
            if (await rows.TryBatchAsync(
                Table, [RowOperation.Insert(place, new ReplayKey(dismissal.Id, fingerprint)), RowOperation.Insert(DismissalKey(dataset, dismissal.Id), dismissal)], cancellationToken))
            {
                return dismissal;
            }
        }

        throw new TransientException("The dismissal could not be stored.");
    }

    internal Task EndDismissalAsync(string dataset, Dismissal dismissal, CancellationToken cancellationToken) =>
        rows.UpsertAsync(Table, DismissalKey(dataset, dismissal.Id), dismissal, cancellationToken);

    internal static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static ReplayKey Same(ReplayKey known, string fingerprint) => known.Request == fingerprint
        ? known
        : throw new TerminalException(FailureKind.Unprocessable, "IdempotencyKeyReused",
            $"This Idempotency-Key stands for '{known.Id}', which had another document. Take a new key.", "Idempotency-Key");

    private static RowKey KeyOf(Replay replay) => new(replay.Dataset, $"replay.{replay.Id}");

    private static RowKey StepKey(string dataset, string id, string parent) => new(dataset, $"step.{id}.{parent}");

    private static RowKey DismissalKey(string dataset, string id) => new(dataset, $"dismissal.{id}");

    private static RowKey? TryGetKey(string dataset, string id) =>
        BatchId.TryGetDataset(id, out var owner) && owner == dataset ? new RowKey(dataset, $"replay.{id}") : null;

    private static TerminalException NotFound(string dataset) =>
        new(FailureKind.NotFound, "ReplayNotFound", $"The dataset '{dataset}' has no replay of this id.", "id");

    private async Task<StoredRow<Replay>?> FindAsync(string dataset, string id, CancellationToken cancellationToken) =>
        TryGetKey(dataset, id) is { } key ? await rows.GetAsync<Replay>(Table, key, cancellationToken) : null;
}
