using System.Security.Cryptography;
using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Values;
using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>Takes rows out of a batch's quarantine into storage, as a batch of their own. Nothing of it counts before its commit.</summary>
internal sealed class ReplayLoader(IObjectStore objects, KeyFiles keyFiles, IngestionLimits limits, TimeSpan eventWindow)
{
    /// <summary>In receipts.</summary>
    public const string Service = "replay";

    /// <summary>What one replay takes out of one batch; the next one takes the rest.</summary>
    public const long MaxRows = 2_000_000;

    private const int MaxInline = 2000;

    /// <summary>Checks the rows and keeps none.</summary>
    public async Task<ReplayTally> ScanAsync(ReplayWork work, long maxRows, CancellationToken cancellationToken)
    {
        await using var file = await OpenAsync(work, cancellationToken);
        await using var pass = Pass(work, file, maxRows, cancellationToken);
        while (await pass.ReadAsync(cancellationToken))
        {
            if (pass.Rows.IsFull)
                pass.Rows.AttachBlock(pass.Rows.DetachBlock());
        }

        pass.Tally.Fates = (pass.Rows.Accepted, pass.Rows.Duplicates, pass.Rows.Discarded);
        return pass.Tally;
    }

    /// <returns>The load, null when no row passed; and what was found.</returns>
    public async Task<(BatchLoad? Load, ReplayTally Tally)> LoadAsync(BatchClaim claim, ReplayWork work, CancellationToken cancellationToken)
    {
        var paths = new BatchPaths(claim);
        var table = new TableName(TableKind.Dataset, claim.Dataset);
        var definition = work.Plan.Contract.Definition;
        var windows = KeyWindow.Of(definition, claim.Started, work.File.HoldsEvents && definition.WriteDisposition != WriteDisposition.Replace ? eventWindow : null);
        var dedupe = windows.Count == 0 ? null : new DedupePass(keyFiles, table, windows, work.Snapshot, limits);
        await using var file = await OpenAsync(work, cancellationToken);
        await using var pass = Pass(work, file, MaxRows, cancellationToken);
        await using var parts = new PartPipeline(
            objects, table.Root, paths.PartPrefix, claim.Id, claim.Started, limits, work.Snapshot.PartitionColumns,
            dedupe is null ? null : (part, hashes, token) => keyFiles.WriteAsync(table, part, windows, hashes, claim.Started, token));
        bool more;
        do
        {
            more = await pass.ReadAsync(cancellationToken);
            if (pass.Rows.IsFull || (!more && pass.Rows.Block.Rows > 0))
                await BatchLoader.HandOverAsync(pass.Rows, dedupe, parts, cancellationToken);
        }
        while (more);

        var written = await parts.CompleteAsync();
        FaultPoint.Pass("after-replay-parts");
        if (pass.Tally.Passed.IsEmpty)
            return (null, pass.Tally);

        var rows = pass.Rows;
        var duplicates = dedupe?.Duplicates ?? 0;
        var ranges = pass.Tally.Passed.ToString();
        var batch = new CommittedBatch(
            claim.Id, claim.Attempt, claim.Caller, null, claim.DefinitionVersion,
            pass.Tally.Passed.Count, rows.Accepted - duplicates, 0, rows.Duplicates + duplicates, rows.Discarded,
            pass.Tally.PassedBytes, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{work.Batch.Id} {ranges}"))),
            null, null, work.Batch.ContentType, claim.Started, rows.Warnings, Service, null, null,
            work.Batch.Id, await KeepAsync(claim, ranges, cancellationToken));
        var load = new BatchLoad(
            [.. rows.Slots.Select(slot => slot.Column.TableColumn), StoredColumn.Batch.TableColumn, StoredColumn.Row.TableColumn, StoredColumn.IngestedAt.TableColumn],
            [.. written.Select(part => part.File)], batch)
        {
            Division = work.Snapshot.PartitionColumns,
            Into = work.Snapshot.Columns,
            Window = dedupe is null ? null : new LoadedWindow(dedupe, written),
        };
        return (load, pass.Tally);
    }

    /// <summary>Rows as the log names them: in it when they are few ranges, else in an object of their own.</summary>
    private async Task<ParentRows> KeepAsync(BatchClaim claim, string ranges, CancellationToken cancellationToken)
    {
        if (ranges.Length <= MaxInline)
            return new ParentRows(ranges);
        var path = LakePath.Parse($"lake/quarantine/{claim.Dataset}/_taken/{claim.Id}/{claim.Attempt}.txt");
        await objects.TryPutAsync(path, Encoding.ASCII.GetBytes(ranges), PutCondition.None, "text/plain", cancellationToken);
        return new ParentRows(null, path.Value);
    }

    private Task<Stream> OpenAsync(ReplayWork work, CancellationToken cancellationToken) =>
        objects.OpenReadAsync(LakePath.Parse(work.Batch.File!), work.Batch.FileRange, cancellationToken);

    private ReplayPass Pass(ReplayWork work, Stream file, long maxRows, CancellationToken cancellationToken) => new(
        work.Batch, work.File, work.Plan, file, work.Open, work.Selection, work.Snapshot.Columns, limits, maxRows, cancellationToken);
}
