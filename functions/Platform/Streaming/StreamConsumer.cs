using System.Net.Sockets;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Dedupe;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Streaming;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Streaming;

/// <summary>
/// Takes events of hubs into dataset tables, each once: a commit notes by <c>txn</c> how far the table has come in the partition, and rows up to there
/// are left out when they come again, also between what a commit was computed from and itself.
/// </summary>
public sealed class StreamConsumer
{
    /// <summary>In receipts.</summary>
    public const string Service = "stream";

    private const int MaxTries = 20;

    private readonly CatalogStore _catalog;
    private readonly DeltaTables _tables;
    private readonly ContractPlans _plans;
    private readonly DatasetProjections _projections;
    private readonly HubIdentities _identities;
    private readonly BatchLoader _loader;
    private readonly BatchCommitter _committer;
    private readonly PoisonEvents _poison;
    private readonly PlatformOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<StreamConsumer> _logger;

    public StreamConsumer(
        IObjectStore objects,
        IHubDirectory hubs,
        CatalogStore catalog,
        DeltaTables tables,
        TableMerge merge,
        WindowedAppend windowed,
        PartRewriter rewriter,
        KeyFiles keyFiles,
        ScratchFolder scratch,
        DatasetProjections projections,
        IngestionLimits limits,
        ContractPlans plans,
        TimeProvider clock,
        IOptions<PlatformOptions> options,
        ILogger<StreamConsumer> logger)
    {
        _catalog = catalog;
        _tables = tables;
        _plans = plans;
        _projections = projections;
        _identities = new HubIdentities(hubs, clock);
        _loader = new BatchLoader(objects, scratch, keyFiles, limits, options.Value.EventWindow);
        _committer = new BatchCommitter(tables, merge, windowed, rewriter);
        _poison = new PoisonEvents(objects);
        _options = options.Value;
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Takes events of one partition. When it returns, each is in its table, in quarantine, or known to be one that was there before.</summary>
    /// <param name="events">By sequence number, without gaps in those of the partition that were not taken yet.</param>
    /// <exception cref="TransientException">Storage or hub does not answer. Some events may be taken: all of them can be given again.</exception>
    public async Task ConsumeAsync(StreamPartition partition, IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken)
    {
        foreach (var some in Parts(events))
        {
            await Parallel.ForEachAsync(
                some.GroupBy(one => DatasetOf(partition, one), StringComparer.Ordinal),
                new ParallelOptions { MaxDegreeOfParallelism = StreamLimits.DatasetsAtOnce, CancellationToken = cancellationToken },
                async (group, token) => await LandAsync(partition, group.Key, [.. group], token));
        }
    }

    /// <summary>Divides what came together so that memory is bounded.</summary>
    private static IEnumerable<List<StreamEvent>> Parts(IReadOnlyList<StreamEvent> events)
    {
        List<StreamEvent> part = [];
        long bytes = 0;
        foreach (var one in events)
        {
            if (part.Count > 0 && bytes + one.Body.Length > StreamLimits.MicroBatchBytes)
            {
                yield return part;
                (part, bytes) = ([], 0);
            }

            part.Add(one);
            bytes += one.Body.Length;
        }

        if (part.Count > 0)
            yield return part;
    }

    private string DatasetOf(StreamPartition partition, StreamEvent one) =>
        one.Properties.GetValueOrDefault(EventProperties.Dataset) as string
        ?? (_options.HubDatasets.TryGetValue(partition.Hub, out var known) ? known : partition.Hub);

    /// <summary>Takes events of one dataset; those that the table refuses are found by halving and kept apart, so that they hold up nobody.</summary>
    private async Task LandAsync(StreamPartition partition, string dataset, IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            if (await CommitAsync(partition, dataset, events, cancellationToken) is { } commit)
                await FollowAsync(dataset, commit);
        }
        catch (Exception refusal) when (IsOfEvents(refusal))
        {
            if (events.Count > 1 && !IsOfAll(refusal))
            {
                await LandAsync(partition, dataset, [.. events.Take(events.Count / 2)], cancellationToken);
                await LandAsync(partition, dataset, [.. events.Skip(events.Count / 2)], cancellationToken);
                return;
            }

            await SetApartAsync(partition, dataset, events, refusal, cancellationToken);
        }
    }

    /// <summary>Whether the events are at fault, and not what surrounds them: that pauses the partition until it is mended.</summary>
    private static bool IsOfEvents(Exception failure) => failure switch
    {
        TerminalException { Kind: FailureKind.Internal or FailureKind.NotImplemented } => false,
        TerminalException => true,
        TransientException or OperationCanceledException or OutOfMemoryException => false,
        IOException or SocketException or UnauthorizedAccessException or HttpRequestException or TimeoutException or AggregateException => false,
        _ => failure is ArgumentException or FormatException or InvalidOperationException or OverflowException or IndexOutOfRangeException,
    };

    /// <summary>Whether any event of the dataset would be refused.</summary>
    private static bool IsOfAll(Exception refusal) => refusal is TerminalException { Code: "DatasetNotFound" or "EventsNotTaken" or "InvalidName" };

    private async Task SetApartAsync(
        StreamPartition partition, string dataset, IReadOnlyList<StreamEvent> events, Exception refusal, CancellationToken cancellationToken)
    {
        var created = await _identities.GetAsync(partition.Hub, anew: false, cancellationToken);
        var code = (refusal as TerminalException)?.Code ?? "EventNotTaken";
        foreach (var one in events)
            await _poison.StoreAsync(partition, created, one, dataset, code, refusal.Message, cancellationToken);
        Log.SetApart(_logger, events.Count, events[0].SequenceNumber, partition.Hub, partition.Id, code, refusal);
    }

    /// <returns>Null when the table has all of the events.</returns>
    private async Task<Commit?> CommitAsync(
        StreamPartition partition, string dataset, IReadOnlyList<StreamEvent> events, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var entry = await _catalog.GetAsync<DatasetDefinition>(dataset, cancellationToken);
            var snapshot = await _tables.Get(new TableName(TableKind.Dataset, dataset)).TryGetSnapshotAsync(null, cancellationToken);
            var application = partition.Application(await _identities.GetAsync(partition.Hub, anew: false, cancellationToken));
            if (PositionIn(snapshot, application) >= events[0].SequenceNumber)
            {
                // Sequence numbers begin again in a hub that was made anew: only of this one are they known.
                application = partition.Application(await _identities.GetAsync(partition.Hub, anew: true, cancellationToken));
                events = [.. events.Where(one => one.SequenceNumber > PositionIn(snapshot, application))];
                if (events.Count == 0)
                    return null;
            }

            try
            {
                return await CommitAsync(partition, entry, snapshot, application, events, cancellationToken);
            }
            catch (Exception conflict) when (tries < MaxTries && conflict is CommitConflictException or TerminalException { Code: "TableReplaced" })
            {
                Log.Again(_logger, dataset, partition.Hub, partition.Id, conflict.Message);
            }
        }
    }

    private static long PositionIn(Snapshot? snapshot, string application) =>
        snapshot is not null && snapshot.Transactions.TryGetValue(application, out var position) ? position : -1;

    private async Task<Commit> CommitAsync(
        StreamPartition partition, CatalogEntry<DatasetDefinition> entry, Snapshot? snapshot, string application, IReadOnlyList<StreamEvent> events,
        CancellationToken cancellationToken)
    {
        var started = _clock.GetUtcNow();
        started = started.AddTicks(-(started.Ticks % TimeSpan.TicksPerMicrosecond));
        var dataset = entry.Definition.Name;
        var batch = new EventBatch(partition.Hub, partition.Id, application, [.. events.Select(one => EventRows.Of(one, application))]);

        // The table's txn is what keeps it from being loaded twice: it needs no claim in storage.
        var claim = new BatchClaim(
            BatchId.Create(dataset, started), dataset, $"hub:{partition.Hub}", null, null, started, entry.Version, snapshot?.Version ?? -1, 1, "", started)
        {
            Service = Service,
        };
        var definition = Thawed(entry.Definition);
        var plan = (await _plans.GetAsync(entry.Definition, entry.Version, cancellationToken)) with { Definition = definition };
        using var raw = new MemoryStream(batch.OpenRaw().Bytes.ToArray(), writable: false);
        var request = new BatchRequest(dataset, claim.Caller, null, batch.ContentType, null, raw) { Service = Service, Events = batch };
        var load = await _loader.LoadAsync(claim, plan, snapshot, BatchMedia.Parse(batch.ContentType, null), request, cancellationToken);
        FaultPoint.Pass("before-stream-commit");
        var (commit, committed) = await _committer.CommitAsync(definition, claim, load, cancellationToken);
        FaultPoint.Pass("after-stream-commit");
        Log.Taken(_logger, committed.Loaded, committed.Received, partition.Hub, partition.Id, committed.Stream!.Last, dataset, commit.Version);
        return commit;
    }

    /// <summary>Nobody waits for an answer that a contract's 'freeze' could give: what is unexpected goes to quarantine.</summary>
    private static DatasetDefinition Thawed(DatasetDefinition definition)
    {
        var rules = definition.OnUnexpected;
        return definition with { OnUnexpected = new UnexpectedRules(Thawed(rules.Columns), Thawed(rules.Types)) };

        static UnexpectedPolicy Thawed(UnexpectedPolicy policy) => policy == UnexpectedPolicy.Freeze ? UnexpectedPolicy.Quarantine : policy;
    }

    /// <summary>What follows from the commit; left to the timer when it cannot be now.</summary>
    private async Task FollowAsync(string dataset, Commit commit)
    {
        try
        {
            await _projections.AdvanceAsync(dataset, commit.Version, CancellationToken.None);
        }
        catch (Exception fault) when (fault is TransientException or TerminalException)
        {
            Log.NotFollowed(_logger, dataset, commit.Version, fault);
        }
    }
}
