using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Quarantine;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Uploads;
using DataPlatform.Ingestion.Values;
using DataPlatform.Lake;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Takes a body into storage in one pass: raw object, data files, quarantine file. Nothing of it counts before its commit.</summary>
/// <param name="eventWindow">How long an event counts once.</param>
internal sealed class BatchLoader(IObjectStore objects, ScratchFolder scratch, KeyFiles keyFiles, IngestionLimits limits, TimeSpan eventWindow)
{
    private const string Redacted = "application/x-ndjson";

    /// <param name="snapshot">The table now; null when there is none.</param>
    /// <exception cref="TerminalException">The body as a whole is refused.</exception>
    public async Task<BatchLoad> LoadAsync(
        BatchClaim claim, ContractPlan plan, Snapshot? snapshot, BatchMedia media, BatchRequest request, CancellationToken cancellationToken)
    {
        var paths = new BatchPaths(claim);
        var policy = plan.Definition.Raw;
        var rawPath = paths.Raw(policy == RawPolicy.Redacted ? ".ndjson" : media.Extension);
        var table = new TableName(TableKind.Dataset, claim.Dataset);
        var windows = WindowsOf(plan.Definition, media.HoldsEvents || request.Events is not null, claim.Started);
        var dedupe = windows.Count == 0 ? null : new DedupePass(keyFiles, table, windows, snapshot, limits) { Events = request.Events };
        await using var stored = request.Stored is null ? null : await TakeAsync(request, policy == RawPolicy.Keep ? rawPath : paths.Copy, cancellationToken);
        await using var raw = policy == RawPolicy.None || (policy == RawPolicy.Keep && stored is not null)
            ? null
            : await objects.OpenWriteAsync(rawPath, PutCondition.IfAbsent, policy == RawPolicy.Redacted ? Redacted : request.ContentType, cancellationToken);
        await using var landing = new BodyLanding(stored ?? request.Body, policy == RawPolicy.Keep ? raw : null, cancellationToken);
        await using var quarantine = new QuarantineFile(objects, paths.Quarantine);
        var division = DivisionOf(plan.Definition, snapshot);
        await using var parts = new PartPipeline(
            objects, table.Root, paths.PartPrefix, claim.Id, claim.Started, limits, division,
            dedupe is null ? null : (file, hashes, token) => keyFiles.WriteAsync(table, file, windows, hashes, claim.Started, token));
        using var rows = new RowCollector(plan, snapshot?.Columns ?? [], limits);
        await using var reader = new BodyReader(media, plan.Definition, landing.Content, scratch, limits, request.Events);

        bool more;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            more = await reader.ReadAsync(rows, cancellationToken);
            request.Progress?.Report(rows.Received, landing.Bytes);
            if (rows.Received > request.MaxRows)
                throw TooMany(request);
            await quarantine.DrainAsync(rows.Quarantine, cancellationToken);
            if (rows.RedactedRows.WrittenCount > 0)
            {
                await raw!.WriteAsync(rows.RedactedRows.WrittenMemory, cancellationToken);
                rows.RedactedRows.ResetWrittenCount();
            }

            if (rows.IsFull || (!more && rows.Block.Rows > 0))
                await HandOverAsync(rows, dedupe, parts, cancellationToken);
        }
        while (more);

        var landed = await landing.CompleteAsync();
        FaultPoint.Pass("before-raw");
        if (raw is not null && await raw.CompleteAsync(cancellationToken) is null)
            throw new TransientException($"There is a raw object '{rawPath}' already. Send the batch again.");
        FaultPoint.Pass("after-raw");
        var written = await parts.CompleteAsync();
        FaultPoint.Pass("after-parts");
        var quarantined = await quarantine.CompleteAsync(cancellationToken);
        FaultPoint.Pass("after-quarantine");

        var duplicates = dedupe?.Duplicates ?? 0;
        var batch = new CommittedBatch(
            claim.Id, claim.Attempt, claim.Caller, claim.IdempotencyKey, claim.DefinitionVersion,
            rows.Received, rows.Accepted - duplicates, rows.Quarantined, rows.Duplicates + duplicates, rows.Discarded,
            landed.Bytes, landed.Sha256, policy == RawPolicy.None ? null : rawPath.Value, quarantined?.Value, request.ContentType, claim.Started, rows.Warnings, request.Service, Stream: request.Events?.Describe());
        return new BatchLoad(
            [.. rows.Slots.Select(slot => slot.Column.TableColumn), StoredColumn.Batch.TableColumn, StoredColumn.Row.TableColumn, StoredColumn.IngestedAt.TableColumn],
            [.. written.Select(part => part.File)], batch)
        {
            Division = division,
            Into = plan.Definition.WriteDisposition == WriteDisposition.Replace ? [] : snapshot?.Columns ?? [],
            Events = request.Events,
            Window = dedupe is null ? null : new LoadedWindow(dedupe, written),
        };
    }

    /// <summary>What a batch's files are to be divided by: a table keeps to what it was made with, unless the batch takes the place of all of it.</summary>
    /// <param name="snapshot">Null when there is no table.</param>
    internal static IReadOnlyList<string> DivisionOf(DatasetDefinition definition, Snapshot? snapshot) =>
        snapshot is null || definition.WriteDisposition == WriteDisposition.Replace ? definition.PartitionBy : snapshot.PartitionColumns;

    private IReadOnlyList<KeyWindow> WindowsOf(DatasetDefinition definition, bool areEvents, DateTimeOffset started)
    {
        if (areEvents && definition.WriteDisposition == WriteDisposition.Replace)
        {
            throw new TerminalException(FailureKind.Conflict, "EventsNotTaken",
                $"Each batch of dataset '{definition.Name}' replaces its whole table ('writeDisposition': 'replace'), which an event cannot mean. "
                + "Nothing was stored. Send files, or change the contract to 'append' or 'merge'.", "Content-Type");
        }

        return KeyWindow.Of(definition, started, areEvents ? eventWindow : null);
    }

    /// <summary>Opens what was accepted, as it was: others may still be able to write where it lies, so it is read from a copy.</summary>
    private async Task<Stream> TakeAsync(BatchRequest request, LakePath copy, CancellationToken cancellationToken)
    {
        var stored = request.Stored!;
        request.Progress?.Enter(UploadStage.Copying);
        try
        {
            if (await objects.TryCopyAsync(stored.Path, stored.ETag, copy, PutCondition.IfAbsent, cancellationToken) is null)
                throw new TransientException($"There is an object '{copy}' already.");
        }
        catch (ObjectNotFoundException fault)
        {
            throw new TerminalException(FailureKind.Conflict, "UploadChanged",
                "The uploaded bytes were changed or deleted after the upload was completed. Nothing was loaded. Upload them again.", innerException: fault);
        }

        FaultPoint.Pass("after-copy");
        request.Progress?.Enter(UploadStage.Loading);
        return await objects.OpenReadAsync(copy, null, cancellationToken);
    }

    private static TerminalException TooMany(BatchRequest request) => new(FailureKind.TooLarge, "TooManyRows",
        $"The request has more than {request.MaxRows} rows. Nothing was stored. Send them to '/api/v1/ingest/{request.Dataset}/batches'.");

    /// <summary>Gives a full block to the parts, without the rows whose keys are there.</summary>
    internal static async Task HandOverAsync(RowCollector rows, DedupePass? dedupe, PartPipeline parts, CancellationToken cancellationToken)
    {
        if (dedupe is not null)
            await dedupe.FilterAsync(rows.Block, cancellationToken);
        if (rows.Block.Rows == 0)
        {
            rows.AttachBlock(rows.DetachBlock());
            return;
        }

        var full = rows.DetachBlock();
        var used = await parts.WriteAsync(full, cancellationToken);
        rows.AttachBlock(used);
    }
}
