using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Proof;

/// <summary>
/// Proves a ledger: each of its rows is compared with the commit that it came from and each batch of the commits with its row; what commits loaded with the
/// rows that their files have; and what came with what lies in the raw zone. Goes through the log piece by piece, so that memory stays bounded, and stops
/// when the time of a request is up.
/// </summary>
public sealed class LedgerProver(
    Ledger ledger, ReceiptProjection projection, DeltaTables tables, TableLineage lineage, FileProof files, RawProof raw, TimeProvider clock)
{
    private const int BatchesAtOnce = 2000;
    private const int BatchesAtOnceDeep = 100;
    private const int CommitsAtOnce = 500;

    /// <summary>When no further piece is begun: a request has 60 seconds.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(40);

    /// <exception cref="TerminalException"><c>DatasetNotFound</c>; <c>InvalidQueryOption</c>.</exception>
    public async Task<LedgerProof> ProveAsync(ProofRequest request, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var range = request.Range.Checked();
        await ledger.EnsureKnownAsync(request.Dataset, cancellationToken);
        var walk = new Walk(request, new TableName(TableKind.Dataset, request.Dataset));
        await projection.AdvanceAsync(request.Dataset, null, cancellationToken);
        var newest = await tables.Get(walk.Table).TryGetSnapshotAsync(null, cancellationToken);
        if (request.After > (newest?.Version ?? -1))
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", Text($"There is no table version {request.After} yet: 'after' is what an earlier proof named as 'upToVersion'."), "after");
        var floor = newest is null ? 0 : await FirstInLogAsync(newest, cancellationToken);
        var (first, last) = await AddUpAsync(walk, floor, newest?.Version ?? -1, cancellationToken);
        var complete = true;
        if (newest is not null)
        {
            var low = Math.Max(Math.Max(floor, request.After + 1), range.From is { } from ? Math.Min(first, await FirstSinceAsync(newest, floor, from, cancellationToken)) : 0);
            var high = range.To is { } to ? Math.Max(last, await FirstSinceAsync(newest, floor, to, cancellationToken) - 1) : newest.Version;
            complete = await WalkAsync(walk, newest, low, high, began, cancellationToken);
        }

        if (complete && walk.Matched != walk.Compared)
            walk.Log.Differs(null, null, Text($"The ledger has {walk.Compared} batches of versions in the log, of which the log has {walk.Matched}."));
        IReadOnlyList<CheckNotes> notes = walk.Rows is null ? [walk.Sums, walk.Log, walk.Files, walk.Raw] : [walk.Sums, walk.Log, walk.Files, walk.Rows, walk.Raw];
        return new LedgerProof(
            request.Dataset, range.From, range.To, request.IsDeep, complete && walk.Gone.Batches == 0 && notes.All(note => note.Passed), complete, walk.Totals,
            newest is null ? null : complete ? newest.Version : walk.UpTo, [.. notes.Select(note => note.ToCheck())],
            walk.Gone.Batches == 0 ? null : new NotProvable(
                walk.Gone.Batches, walk.Gone.Received, floor - 1, Text($"Not provable any more: the log is cleaned up to version {floor - 1}.")));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Adds up the ledger's rows.</summary>
    /// <returns>The first and last version they are of; the first is the highest number there is when there are none.</returns>
    private async Task<(long First, long Last)> AddUpAsync(Walk walk, long floor, long newest, CancellationToken cancellationToken)
    {
        var (first, last) = (long.MaxValue, -1L);
        var taken = new Dictionary<string, TakenFromQuarantine>(StringComparer.Ordinal);
        await foreach (var row in ledger.TakenAsync(walk.Request.Dataset, walk.Request.Range, cancellationToken))
            taken[row.Key.Id] = row.Value;
        await foreach (var row in ledger.EntriesAsync(walk.Request.Dataset, walk.Request.Range, cancellationToken))
        {
            // What is committed meanwhile is not looked at.
            if (row.Value.TableVersion > newest || row.Value.TableVersion <= walk.Request.After)
                continue;
            walk.Totals = walk.Totals.Plus(row.Value);
            if (taken.TryGetValue(row.Key.Id, out var some))
                walk.Totals = walk.Totals.Plus(some);
            walk.Sums.Count("batches", 1);
            if (some is not null && some.Replayed + some.Dismissed > row.Value.Quarantined)
            {
                walk.Sums.Differs(row.Key.Id, row.Value.TableVersion, Text(
                    $"{row.Value.Quarantined} rows went to quarantine, but {some.Replayed} were replayed and {some.Dismissed} dismissed."));
            }

            if (!row.Value.AddsUp())
            {
                walk.Sums.Differs(row.Key.Id, row.Value.TableVersion, Text(
                    $"{row.Value.Received} rows were received, but {row.Value.Loaded + row.Value.Quarantined + row.Value.Duplicate + row.Value.Discarded} are accounted for."));
            }

            if (row.Value.TableVersion < floor)
            {
                walk.Gone = (walk.Gone.Batches + 1, walk.Gone.Received + row.Value.Received);
                continue;
            }

            walk.Compared++;
            (first, last) = (Math.Min(first, row.Value.TableVersion), Math.Max(last, row.Value.TableVersion));
        }

        return (first, last);
    }

    /// <returns>Whether it came to the end.</returns>
    private async Task<bool> WalkAsync(Walk walk, Snapshot newest, long low, long high, long began, CancellationToken cancellationToken)
    {
        var (batches, most) = (0, walk.Request.IsDeep ? BatchesAtOnceDeep : BatchesAtOnce);
        List<ProvedCommit> piece = [];
        await foreach (var commit in tables.Get(walk.Table).ReadCommitsAsync(low - 1, high, cancellationToken))
        {
            var proved = new ProvedCommit(
                commit, [.. commit.Batches.Where(batch => walk.Request.Range.Contains(BatchId.TimeOf(batch.Id)))], walk.Follow(commit));
            piece.Add(proved);
            batches += proved.Batches.Count;
            if (batches < most && piece.Count < CommitsAtOnce)
                continue;

            await CheckAsync(walk, newest, piece, cancellationToken);
            walk.UpTo = commit.Version;
            (piece, batches) = ([], 0);
            if (commit.Version < high && clock.GetElapsedTime(began) > Budget)
                return false;
        }

        await CheckAsync(walk, newest, piece, cancellationToken);
        return true;
    }

    private async Task CheckAsync(Walk walk, Snapshot newest, List<ProvedCommit> piece, CancellationToken cancellationToken)
    {
        var some = piece.Where(commit => commit.Batches.Count > 0).ToList();
        if (some.Count == 0)
            return;
        await CompareAsync(walk, some, piece[0].Commit.Version, piece[^1].Commit.Version, cancellationToken);
        await files.CheckAsync(newest, some, walk.Files, walk.Rows, cancellationToken);
        await raw.CheckAsync(walk.Request.Dataset, some, walk.Request.IsDeep, walk.Raw, cancellationToken);
    }

    /// <summary>Compares the batches of some commits with the ledger's rows of their versions.</summary>
    private async Task CompareAsync(Walk walk, IReadOnlyList<ProvedCommit> commits, long low, long high, CancellationToken cancellationToken)
    {
        var ids = commits.SelectMany(commit => commit.Batches).Select(batch => batch.Id).ToList();
        var range = new LedgerRange(BatchId.TimeOf(ids.Min(StringComparer.Ordinal)!), BatchId.TimeOf(ids.Max(StringComparer.Ordinal)!).AddMilliseconds(1));
        var entries = new Dictionary<string, LedgerEntry>(StringComparer.Ordinal);
        await foreach (var row in ledger.EntriesAsync(walk.Request.Dataset, range, cancellationToken))
        {
            if (row.Value.TableVersion >= low && row.Value.TableVersion <= high && walk.Request.Range.Contains(BatchId.TimeOf(row.Key.Id)))
                entries[row.Key.Id] = row.Value;
        }

        walk.Matched += entries.Count;
        foreach (var (commit, batch) in commits.SelectMany(commit => commit.Batches.Select(batch => (commit.Commit, batch))))
        {
            walk.Log.Count("batches", 1);
            walk.Log.Count("received", batch.Received);
            if (!entries.Remove(batch.Id, out var entry))
                walk.Log.Differs(batch.Id, commit.Version, "The log has it, the ledger has not.");
            else if (LedgerEntry.Of(batch, commit) with { Committed = entry.Committed } != entry)
                walk.Log.Differs(batch.Id, commit.Version, Text($"The ledger has {Counts(entry)}; the log {Counts(LedgerEntry.Of(batch, commit))}."));
            if (entry is not null)
                walk.Log.Count("ledgerReceived", entry.Received);
        }

        foreach (var (id, entry) in entries)
            walk.Log.Differs(id, entry.TableVersion, Text($"The ledger has it with {entry.Received} rows at version {entry.TableVersion}, the log has not."));
    }

    private static string Counts(LedgerEntry entry) => Text(
        $"received {entry.Received}, loaded {entry.Loaded}, quarantined {entry.Quarantined}, duplicate {entry.Duplicate}, discarded {entry.Discarded} at version {entry.TableVersion}");

    /// <summary>The first version of the table that its log still has.</summary>
    private async Task<long> FirstInLogAsync(Snapshot newest, CancellationToken cancellationToken)
    {
        if (await lineage.TryReadCommitAsync(newest.Table, newest.FirstVersion, cancellationToken) is not null)
            return newest.FirstVersion;
        return await SearchAsync(
            newest.FirstVersion + 1, newest.Version,
            async version => await lineage.TryReadCommitAsync(newest.Table, version, cancellationToken) is not null);
    }

    /// <summary>The first version that was committed at a time or later; one more than the newest when there is none.</summary>
    private Task<long> FirstSinceAsync(Snapshot newest, long floor, DateTimeOffset time, CancellationToken cancellationToken) => SearchAsync(
        floor, newest.Version + 1,
        async version => version > newest.Version
            || await lineage.TryReadCommitAsync(newest.Table, version, cancellationToken) is not { } commit || commit.Timestamp >= time);

    /// <summary>The first number of which something is true that is true of all behind it, and of the highest.</summary>
    private static async Task<long> SearchAsync(long low, long high, Func<long, Task<bool>> isTrue)
    {
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (await isTrue(middle))
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }

    /// <summary>What a proof has seen so far.</summary>
    private sealed class Walk(ProofRequest request, TableName table)
    {
        private readonly Dictionary<string, long?> _rows = new(StringComparer.Ordinal);

        public ProofRequest Request => request;

        public TableName Table => table;

        public CheckNotes Sums { get; } = new("sums", "batches");

        public CheckNotes Log { get; } = new("log", "batches", "received", "ledgerReceived");

        public CheckNotes Files { get; } = FileProof.Files();

        public CheckNotes? Rows { get; } = request.IsDeep ? FileProof.Rows() : null;

        public CheckNotes Raw { get; } = RawProof.Notes();

        public LedgerTotals Totals { get; set; } = new();

        public (long Batches, long Received) Gone { get; set; }

        /// <summary>Rows of the ledger whose commits should be in the log.</summary>
        public long Compared { get; set; }

        /// <summary>Those of them that were held against the log.</summary>
        public long Matched { get; set; }

        public long UpTo { get; set; } = request.After;

        /// <summary>Keeps the rows of the table's files by path.</summary>
        /// <returns>Those of the files that the commit removed; null where the log does not tell, or was not followed that far back.</returns>
        public long? Follow(Commit commit)
        {
            long? removed = 0;
            foreach (var file in commit.Removed)
                removed += _rows.Remove(file.Path, out var rows) ? rows : null;
            foreach (var file in commit.Added)
                _rows[file.Path] = file.Statistics?.Rows;
            return removed;
        }
    }
}
