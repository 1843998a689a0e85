using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Values;
using DataPlatform.Operations;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>
/// Commits the single-row requests of one dataset in groups: while a group is written, the next one gathers. A request is answered when its
/// group's commit is durable. What does not fit in a group (an idempotency key that is known, a body that is refused) leaves it before
/// anything is stored, and goes on alone, as a batch.
/// </summary>
internal sealed class RecordWriter(
    DeltaTable table,
    CatalogStore catalog,
    ContractPlans plans,
    ClaimStore claims,
    RecordFiles files,
    RecordFollower follower,
    IngestionLimits limits,
    ILogger logger) : IDisposable
{
    private readonly IngestionLimits _limits = limits with { BlockRows = RecordLimits.GroupRows, WindowBytes = Math.Min(limits.WindowBytes, 64 << 10) };
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingRecords> _waiting = [];
    private RecordParser? _parser;
    private long _waitingBytes;
    private bool _running;

    private string Dataset => table.Name.Name;

    /// <summary>Whether rows of such a dataset can be committed in groups: they depend on no other rows.</summary>
    public static bool Takes(DatasetDefinition definition) => definition is { WriteDisposition: WriteDisposition.Append, Dedupe: null };

    /// <returns>The receipt; null when the request must go on alone: nothing of it is stored or under way.</returns>
    /// <exception cref="TransientException">The store did not answer, or too many requests wait.</exception>
    public async Task<Receipt?> WriteAsync(PendingRecords pending, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waitingBytes > RecordLimits.WaitingBytes)
                throw new TransientException($"Too many requests wait for dataset '{Dataset}'. Nothing was stored. Send it again later.");
            _waiting.AddLast(pending);
            _waitingBytes += pending.Body.Bytes.Length;
            if (!_running)
            {
                _running = true;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        // Once its group is worked on the caller waits for the outcome: "canceled" must not hide a commit.
        await using var withdrawal = cancellationToken.Register(() => Withdraw(pending, cancellationToken));
        return await pending.Outcome;
    }

    public void Dispose() => _parser?.Dispose();

    private void Withdraw(PendingRecords pending, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(pending))
                return;
            _waitingBytes -= pending.Body.Bytes.Length;
        }

        pending.Cancel(cancellationToken);
    }

    private async Task RunAsync()
    {
        while (Gather() is { Count: > 0 } requests)
        {
            try
            {
                await LandAsync(requests);
            }
            catch (Exception failure)
            {
                // Each caller gets it; the loop goes on for those who come next.
                DropParser();
                foreach (var pending in requests)
                    pending.Fail(failure);
            }
        }
    }

    /// <returns>Empty when nobody waits: the loop ends.</returns>
    private List<PendingRecords> Gather()
    {
        var group = new List<PendingRecords>();
        var keys = new HashSet<(string, string)>();
        long bytes = 0;
        lock (_gate)
        {
            for (var node = _waiting.First; node is not null && group.Count < RecordLimits.GroupRequests;)
            {
                var (pending, next) = (node.Value, node.Next);
                if (group.Count > 0 && bytes + pending.Body.Bytes.Length > RecordLimits.GroupBytes)
                    break;

                // The same key a second time waits for the next group and then finds the first.
                if (pending.Key is not { } key || (keys.Count < ClaimStore.MostAtOnce && keys.Add(key)))
                {
                    group.Add(pending);
                    bytes += pending.Body.Bytes.Length;
                    _waiting.Remove(node);
                }

                node = next;
            }

            _waitingBytes -= bytes;
            _running = group.Count > 0;
        }

        return group;
    }

    private async Task LandAsync(List<PendingRecords> requests)
    {
        var entry = await catalog.GetAsync<DatasetDefinition>(Dataset, CancellationToken.None);
        if (!Takes(entry.Definition))
        {
            requests.ForEach(pending => pending.GoAlone());
            return;
        }

        await DismissKnownAsync(requests);
        var snapshot = await table.TryGetRecentSnapshotAsync(TimeSpan.MaxValue, -1, CancellationToken.None);
        if (snapshot is not null && IsNarrow(entry.Definition, snapshot))
        {
            requests.ForEach(pending => pending.GoAlone());
            return;
        }

        var version = snapshot?.Version ?? -1;
        var group = await ReadAsync(requests, entry, snapshot?.Columns ?? []);
        if (!await TryClaimAsync(group, version))
        {
            // Somebody was faster with one of the keys; whose it is, is seen alone.
            DropParser();
            Dismiss(requests, pending => pending.Key is not null);
            group = await ReadAsync(requests, entry, snapshot?.Columns ?? []);
        }

        if (group.Requests.Count > 0)
            await CommitAsync(group, version, BatchLoader.DivisionOf(entry.Definition, snapshot));
        _parser?.Clear();
    }

    /// <summary>Whether a column was widened and the contract not yet: a batch writes such rows in the wider type.</summary>
    private static bool IsNarrow(DatasetDefinition definition, Snapshot snapshot) => definition.Fields.Any(field =>
        snapshot.Columns.FirstOrDefault(column => column.Name == field.Name) is { } column && WiderTypes.IsWider(column.Type, StoredColumn.Of(field).TableColumn.Type));

    private async Task DismissKnownAsync(List<PendingRecords> requests)
    {
        var known = new HashSet<PendingRecords>();
        foreach (var pending in requests)
        {
            if (pending.Key is { } key && await claims.IsKnownAsync(Dataset, key.Caller, key.Key, CancellationToken.None))
                known.Add(pending);
        }

        Dismiss(requests, known.Contains);
    }

    private static void Dismiss(List<PendingRecords> requests, Predicate<PendingRecords> which) => requests.RemoveAll(pending =>
    {
        if (!which(pending))
            return false;
        pending.GoAlone();
        return true;
    });

    /// <summary>Reads all bodies; those that are not for a group leave it.</summary>
    private async Task<RecordGroup> ReadAsync(List<PendingRecords> requests, CatalogEntry<DatasetDefinition> entry, IReadOnlyList<TableColumn> existing)
    {
        while (true)
        {
            var group = new RecordGroup(Dataset, claims.Now(), await ReadyParserAsync(entry, existing));
            var refused = new HashSet<PendingRecords>();
            foreach (var pending in requests)
            {
                if (!await group.TryAddAsync(pending))
                    refused.Add(pending);
                if (group.Parser.IsSpoilt)
                    break;
            }

            Dismiss(requests, refused.Contains);
            if (!group.Parser.IsSpoilt)
                return group;
            DropParser();
        }
    }

    private async ValueTask<RecordParser> ReadyParserAsync(CatalogEntry<DatasetDefinition> entry, IReadOnlyList<TableColumn> existing)
    {
        if (_parser is { } ready && ready.Version == entry.Version && ReferenceEquals(ready.Existing, existing))
        {
            ready.Clear();
            return ready;
        }

        DropParser();
        return _parser = new RecordParser(await plans.GetAsync(entry.Definition, entry.Version, CancellationToken.None), entry.Version, existing, _limits);
    }

    private void DropParser()
    {
        _parser?.Dispose();
        _parser = null;
    }

    private async Task<bool> TryClaimAsync(RecordGroup group, long version)
    {
        var keyed = group.Requests.Where(pending => pending.Key is not null).ToList();
        if (keyed.Count == 0)
            return true;

        var made = keyed.ConvertAll(pending => claims.Create(
            pending.Batch!.Id, Dataset, pending.Request.Caller, pending.Request.IdempotencyKey!, group.Started, group.Parser.Version, version) with
        { Service = RecordService.Name });
        if (!await claims.TryClaimAsync(made, CancellationToken.None))
            return false;
        for (var i = 0; i < keyed.Count; i++)
            keyed[i].Claim = made[i];
        FaultPoint.Pass("after-claim");
        return true;
    }

    private async Task CommitAsync(RecordGroup group, long version, IReadOnlyList<string> division)
    {
        Commit commit;
        try
        {
            var data = await files.WriteAsync(Dataset, group, division);
            FaultPoint.Pass("after-records");
            commit = await table.CommitAsync(
                new TableChange
                {
                    Operation = "WRITE",
                    Columns = group.Columns,
                    Add = data,
                    PartitionColumns = division,
                    AllowNewColumns = true,
                    SinceVersion = version,
                    Batches = [.. group.Requests.Select(pending => pending.Batch!)],
                },
                CancellationToken.None);
        }
        catch (Exception refusal) when (refusal is TerminalException or CommitConflictException)
        {
            // Nothing was committed. Which of them the table does not take, is seen alone; so is what it is divided by now.
            Log.GroupRefused(logger, Dataset, group.Requests.Count, refusal);
            DropParser();
            await ReleaseAsync(group.Requests);
            foreach (var pending in group.Requests)
                pending.GoAlone();
            return;
        }
        catch (Exception)
        {
            await ReleaseAsync(group.Requests);
            throw;
        }

        await AnswerAsync(group, commit);
    }

    private async Task AnswerAsync(RecordGroup group, Commit commit)
    {
        var committed = commit.Batches.ToDictionary(batch => batch.Id, StringComparer.Ordinal);
        follower.Follow(commit.Version, group.Requests.Where(pending => pending.Claim is not null && committed.ContainsKey(pending.Batch!.Id)).Select(pending => pending.Claim!));

        // Should another attempt at one of the batches have been faster, the commit is that one's, and the others are not in it.
        var others = group.Requests.Where(pending => !committed.ContainsKey(pending.Batch!.Id)).ToList();
        await ReleaseAsync(others);
        foreach (var pending in others)
            pending.GoAlone();
        foreach (var pending in group.Requests)
        {
            if (!committed.TryGetValue(pending.Batch!.Id, out var batch))
                continue;
            try
            {
                BatchService.EnsureSameBody(batch.Sha256, pending.Body.Sha256, batch.Id);
                pending.Complete(Receipt.Of(Dataset, batch, commit));
            }
            catch (TerminalException otherBody)
            {
                pending.Fail(otherBody);
            }
        }

        Log.GroupCommitted(logger, Dataset, group.Requests.Count, commit.Version);
    }

    private async Task ReleaseAsync(IEnumerable<PendingRecords> requests)
    {
        foreach (var pending in requests)
        {
            if (pending.Claim is not { } claim)
                continue;
            try
            {
                await claims.ReleaseAsync(claim, CancellationToken.None);
            }
            catch (TransientException fault)
            {
                Log.NotNoted(logger, claim.Id, fault);
            }
        }
    }
}
