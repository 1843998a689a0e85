using System.Security.Cryptography;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Commits single rows as batches of one row, each decided on the table's newest version: when others change the table meanwhile,
/// it is decided again. The sender gets no id before the answer, so there is no claim: the commit is the truth.</summary>
public sealed class RowCommitter(IObjectStore objects, DeltaTables tables, TableMerge merge, WindowedAppend windowed, PartRewriter rewriter, TimeProvider clock)
{
    /// <summary>In receipts.</summary>
    public const string Service = "operational";

    private const int MaxTries = 50;

    private readonly BatchCommitter _committer = new(tables, merge, windowed, rewriter);

    /// <param name="decide">Gives the row to write on top of a version of the table (null: there is none), or throws when it may not be
    /// written any more. The committer disposes what it gives.</param>
    /// <exception cref="TransientException">The table changed again and again.</exception>
    internal async Task<(Commit Commit, CommittedBatch Batch)> CommitAsync(
        RowRequest request, CatalogEntry<DatasetDefinition> entry, Func<Snapshot?, CancellationToken, Task<RowDraft>> decide,
        CancellationToken cancellationToken)
    {
        var table = tables.Get(new TableName(TableKind.Dataset, request.Dataset));
        var started = clock.GetUtcNow();
        started = started.AddTicks(-(started.Ticks % TimeSpan.TicksPerMicrosecond));
        var id = BatchId.Create(request.Dataset, started);
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            var snapshot = await table.TryGetSnapshotAsync(null, cancellationToken);
            var claim = new BatchClaim(
                id, request.Dataset, request.Caller, null, null, started, entry.Version, snapshot?.Version ?? -1, tries, "", started)
            {
                Service = Service,
            };
            using var draft = await decide(snapshot, cancellationToken);
            var load = await StoreAsync(claim, entry.Definition, snapshot, request, draft, cancellationToken);
            try
            {
                // From here on the outcome is waited for: a commit must not be answered as cancelled.
                return await _committer.CommitOnAsync(snapshot, entry.Definition, claim, load, CancellationToken.None);
            }
            catch (CommitConflictException)
            {
                // What was stored for this try is in no commit.
            }
        }

        throw new TransientException($"The table of dataset '{request.Dataset}' has too many writers: no turn came in {MaxTries} tries. Nothing was written.");
    }

    private async Task<BatchLoad> StoreAsync(
        BatchClaim claim, DatasetDefinition definition, Snapshot? snapshot, RowRequest request, RowDraft draft, CancellationToken cancellationToken)
    {
        var paths = new BatchPaths(claim);
        var raw = await StoreRawAsync(paths, definition.Raw, request, draft, cancellationToken);
        FaultPoint.Pass("after-raw");
        var division = snapshot?.PartitionColumns ?? definition.PartitionBy;
        var row = BlockDivision.TryDivide(draft.Block, [new BatchRows(claim.Id, 1)], division, most: 1)![0];
        await using var part = await PartWriter.OpenAsync(
            objects, new TableName(TableKind.Dataset, claim.Dataset).Root, $"{paths.PartPrefix}-0001.parquet", row, claim.Started, cancellationToken);
        await part.WriteAsync(row, cancellationToken);
        var file = await part.CompleteAsync(cancellationToken);
        FaultPoint.Pass("after-parts");
        return new BatchLoad(draft.Columns, [file], new CommittedBatch(
            claim.Id, claim.Attempt, claim.Caller, null, claim.DefinitionVersion, Received: 1, Loaded: 1, Quarantined: 0, Duplicate: 0, Discarded: 0,
            request.Body.Length, Convert.ToHexStringLower(SHA256.HashData(request.Body.Span)), raw?.Value, null, request.ContentType, claim.Started,
            draft.Warnings, Service))
        {
            Division = division,
            Into = snapshot?.Columns ?? [],
        };
    }

    private async Task<LakePath?> StoreRawAsync(
        BatchPaths paths, RawPolicy policy, RowRequest request, RowDraft draft, CancellationToken cancellationToken)
    {
        if (policy == RawPolicy.None || request.Body.IsEmpty)
            return null;
        var (path, content, type) = policy == RawPolicy.Redacted
            ? (paths.Raw(".ndjson"), draft.Redacted, "application/x-ndjson")
            : (paths.Raw(".json"), request.Body, request.ContentType);
        return await objects.TryPutAsync(path, content, PutCondition.IfAbsent, type, cancellationToken) is not null
            ? path
            : throw new TransientException($"There is a raw object '{path}' already. Send the row again.");
    }
}
