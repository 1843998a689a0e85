using DataPlatform.Local.Runtime.Durable.Management;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// The client of the local engine. It throws what the official one throws: <see cref="ArgumentException"/> for what can't be right,
/// <see cref="Grpc.Core.RpcException"/> where the host refuses (<see cref="Refusals"/>).
/// </summary>
internal sealed class LocalDurableTaskClient(
    DurableStore store,
    TaskRegistry registry,
    DataConverter converter,
    TurnPump turns,
    NextTimer timer,
    InstanceChanges changes,
    DurableOptions options,
    TimeProvider time,
    ILogger logger) : DurableTaskClient("local")
{
    /// <summary>The addresses of the management API; null where there is no host.</summary>
    public ManagementLinks? Links { get; set; }

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(
        TaskName orchestratorName, object? input = null, StartOrchestrationOptions? start = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!registry.TryGetOrchestrator(orchestratorName.Name ?? string.Empty, out _))
        {
            throw new ArgumentException(
                $"There is no orchestrator function named '{orchestratorName}'. {TaskFailures.Known(registry.Orchestrators)}",
                nameof(orchestratorName));
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset dueAt = start?.StartAt is { } at && at > now ? at : now;
        IReadOnlyCollection<OrchestrationRuntimeStatus> keep = start?.DedupeStatuses is { } dedupe ? ParseDedupe(dedupe) : InstanceStart.Live;
        InstanceRow row = new()
        {
            Id = CheckId(start?.InstanceId ?? Guid.NewGuid().ToString("N")),
            ExecutionId = InstanceStart.NewExecutionId(),
            Name = orchestratorName.Name!,
            Version = start?.Version is { } version ? version.Version : null,
            Input = Payload.Check(converter.Serialize(input), options.MaxPayloadBytes, $"input of orchestrator '{orchestratorName}'"),
            CreatedAt = now,
            UpdatedAt = now,
            Tags = start?.Tags is { Count: > 0 } tags ? tags : null,
            // In a process that runs no worker it belongs to nobody: any process takes it after a moment.
            Owner = turns.ChooseOwner(),
        };
        string? parent = await store.Write(session => InstanceStart.Apply(session, row, dueAt, keep));
        if (parent is not null) turns.Signal(parent);
        if (dueAt > now) timer.Schedule(dueAt);
        else turns.Signal(row.Id);
        return row.Id;
    }

    public override async Task RaiseEventAsync(
        string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        RequireId(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        cancellation.ThrowIfCancellationRequested();
        string? data = Payload.Check(converter.Serialize(eventPayload), options.MaxPayloadBytes, $"data of event '{eventName}'");
        DateTimeOffset now = time.GetUtcNow();
        HistoryEvent raised = new(HistoryEventKind.EventRaised, now) { Name = eventName, Payload = data };
        await store.Write(session =>
        {
            InstanceRow row = Live(session, instanceId);
            InboxTable.Insert(session, row.Id, null, raised, now);
        });
        turns.Signal(instanceId);
    }

    public override Task TerminateInstanceAsync(
        string instanceId, TerminateInstanceOptions? end = null, CancellationToken cancellation = default)
    {
        if (end?.Recursive == true) Log.RecursionIgnored(logger, instanceId);
        return TerminateAsync(instanceId, converter.Serialize(end?.Output), cancellation);
    }

    /// <param name="output">Stored as it is. The client gives JSON, the management API the reason's bare text.</param>
    public async Task TerminateAsync(string instanceId, string? output, CancellationToken cancellation)
    {
        Payload.Check(output, options.MaxPayloadBytes, "output");
        string? parent = await Change(
            instanceId,
            (_, row) => row with { Status = OrchestrationRuntimeStatus.Terminated, Output = output },
            (session, row) => InstanceEnd.Apply(session, row),
            cancellation);
        if (parent is not null) turns.Signal(parent);
    }

    /// <summary>While the instance has no result, the reason is shown as its output.</summary>
    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        Change(
            instanceId,
            (_, row) => row.Status == OrchestrationRuntimeStatus.Suspended
                ? throw Refusals.NotPossible("suspend", row)
                : row with { Status = OrchestrationRuntimeStatus.Suspended, Output = reason },
            (_, _) => null,
            cancellation);

    public override async Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        await Change(
            instanceId,
            (session, row) => row.Status != OrchestrationRuntimeStatus.Suspended ? throw Refusals.NotPossible("resume", row) : row with
            {
                Status = HistoryTable.Any(session, row.Id) ? OrchestrationRuntimeStatus.Running : OrchestrationRuntimeStatus.Pending,
                Output = reason,
            },
            (_, _) => null,
            cancellation);
        turns.Signal(instanceId);
    }

    public override Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        RequireId(instanceId);
        cancellation.ThrowIfCancellationRequested();
        return Task.FromResult(
            store.Read(session => InstanceTable.Find(session, instanceId, getInputsAndOutputs)) is { } row ? Describe(row, getInputsAndOutputs) : null);
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        OrchestrationQuery query = filter ?? new OrchestrationQuery();
        RequireNoEntity(query.InstanceIdPrefix, nameof(filter));
        bool otherHub = query.TaskHubNames is { } hubs && !hubs.Contains(options.HubName, StringComparer.OrdinalIgnoreCase);
        return Pageable.Create<OrchestrationMetadata>((token, size, cancellation) =>
        {
            cancellation.ThrowIfCancellationRequested();
            int limit = size ?? query.PageSize;
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit, nameof(filter));
            string? after = ContinuationToken.Read(token ?? query.ContinuationToken);
            List<InstanceRow> rows = otherHub
                ? []
                : store.Read(session => InstanceTable.List(
                    session, query.CreatedFrom, query.CreatedTo, Numbers(query.Statuses), query.InstanceIdPrefix, after, limit + 1, query.FetchInputsAndOutputs));
            string? next = rows.Count > limit ? ContinuationToken.Write(rows[limit - 1].Id) : null;
            List<OrchestrationMetadata> values = [.. rows.Take(limit).Select(row => Describe(row, query.FetchInputsAndOutputs))];
            return Task.FromResult(new Page<OrchestrationMetadata>(values, next));
        });
    }

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitFor(instanceId, getInputsAndOutputs, row => row is { Status: not OrchestrationRuntimeStatus.Pending }, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitFor(instanceId, getInputsAndOutputs, row => row is { IsFinished: true }, cancellation);

    public override async Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? purge = null, CancellationToken cancellation = default)
    {
        RequireId(instanceId);
        cancellation.ThrowIfCancellationRequested();
        if (purge?.Recursive == true) Log.RecursionIgnored(logger, instanceId);
        return new PurgeResult(await store.Write(session =>
        {
            if (InstanceTable.Find(session, instanceId, payloads: false) is not { } row) return 0;
            if (!row.IsFinished) throw Refusals.LivePurged(row);
            InstanceTable.Delete(session, instanceId);
            return 1;
        }));
    }

    public override async Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? purge = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (filter.Timeout is { } longest) ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(longest, TimeSpan.Zero, nameof(filter));
        if (purge?.Recursive == true) Log.RecursionIgnored(logger, "*");
        OrchestrationRuntimeStatus[] finished =
            [OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated];
        string statuses = Numbers(filter.Statuses?.Intersect(finished) ?? finished)!;
        long started = time.GetTimestamp();
        int count = 0;
        while (filter.Timeout is not { } limit || time.GetElapsedTime(started) < limit)
        {
            cancellation.ThrowIfCancellationRequested();
            // In portions, so that turns get in between.
            int purged = await store.Write(session =>
            {
                List<InstanceRow> rows = InstanceTable.List(session, filter.CreatedFrom, filter.CreatedTo, statuses, null, null, 100, payloads: false);
                foreach (InstanceRow row in rows) InstanceTable.Delete(session, row.Id);
                return rows.Count;
            });
            count += purged;
            if (purged == 0) return new PurgeResult(count, isComplete: true);
        }

        return new PurgeResult(count, isComplete: false);
    }

    /// <returns>An instance with what it went through, both of one moment; null if there is none.</returns>
    public (OrchestrationMetadata Instance, IReadOnlyList<HistoryEvent> History)? GetHistory(string instanceId)
    {
        (InstanceRow? row, List<HistoryEvent> history) = store.Read(session =>
            (InstanceTable.Find(session, instanceId), HistoryTable.Read(session, instanceId)));
        return row is null ? null : (Describe(row, full: true), history);
    }

    /// <summary>The engine lives as long as the host.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static OrchestrationRuntimeStatus[] ParseDedupe(IReadOnlyList<string> dedupe)
    {
        OrchestrationRuntimeStatus[] keep = [.. dedupe.Select(ParseStatus)];
        return keep.Contains(OrchestrationRuntimeStatus.Terminated) && InstanceStart.Live.Except(keep).Any()
            ? throw new ArgumentException(
                "Deduping by Terminated needs Running, Pending and Suspended too: an instance in one of those would be terminated to be replaced, and then kept.",
                nameof(dedupe))
            : keep;
    }

    private static OrchestrationRuntimeStatus ParseStatus(string status) =>
        Enum.TryParse(status, ignoreCase: true, out OrchestrationRuntimeStatus parsed)
            ? parsed
            : throw new ArgumentException($"'{status}' is not an orchestration status to dedupe by.", nameof(status));

    private static string? Numbers(IEnumerable<OrchestrationRuntimeStatus>? statuses) =>
        SqliteColumns.ToJson(statuses?.Select(status => (int)status));

    private static void RequireId(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        RequireNoEntity(instanceId, nameof(instanceId));
    }

    private static void RequireNoEntity(string? instanceId, string parameter)
    {
        if (instanceId is ['@', ..]) throw new ArgumentException($"'{instanceId}' is no instance: ids that begin with @ are those of entities.", parameter);
    }

    private static string CheckId(string id) =>
        id.Length is 0 or > 256 || id[0] == '@' || id.Any(c => c is '/' or '\\' or '?' or '#' || char.IsControl(c))
            ? throw new ArgumentException(
                $"'{id}' can't be an instance id: it has 1 to 256 characters, none of them /, \\, #, ? or a control character, and does not begin with @.",
                nameof(id))
            : id;

    private static InstanceRow Live(SqliteSession session, string instanceId)
    {
        InstanceRow row = InstanceTable.Find(session, instanceId) ?? throw Refusals.NotFound(instanceId);
        return row.IsFinished ? throw Refusals.NotPossible("change", row) : row;
    }

    private async Task<string?> Change(
        string instanceId,
        Func<SqliteSession, InstanceRow, InstanceRow> change,
        Func<SqliteSession, InstanceRow, string?> then,
        CancellationToken cancellation)
    {
        RequireId(instanceId);
        cancellation.ThrowIfCancellationRequested();
        string? woken = await store.Write(session =>
        {
            InstanceRow changed = change(session, Live(session, instanceId)) with { UpdatedAt = time.GetUtcNow() };
            InstanceTable.Update(session, changed);
            return then(session, changed);
        });
        turns.Forget(instanceId);
        changes.Changed(instanceId);
        return woken;
    }

    private async Task<OrchestrationMetadata> WaitFor(
        string instanceId, bool getInputsAndOutputs, Func<InstanceRow?, bool> until, CancellationToken cancellation)
    {
        RequireId(instanceId);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            Task changed = changes.Next(instanceId);
            try
            {
                InstanceRow? row = store.Read(session => InstanceTable.Find(session, instanceId, getInputsAndOutputs));
                if (until(row)) return Describe(row!, getInputsAndOutputs);
                await changed.WaitAsync(options.PollInterval, time, cancellation);
            }
            catch (TimeoutException)
            {
                // Another process may have changed it.
            }
            finally
            {
                changes.Leave(instanceId, changed);
            }
        }
    }

    private OrchestrationMetadata Describe(InstanceRow row, bool full) => new(row.Name, row.Id)
    {
        DataConverter = full ? converter : null,
        RuntimeStatus = row.Status,
        CreatedAt = row.CreatedAt,
        LastUpdatedAt = row.UpdatedAt,
        SerializedInput = full ? row.Input : null,
        SerializedOutput = full ? row.Output ?? row.Trouble?.Shown : null,
        SerializedCustomStatus = full ? row.CustomStatus : null,
        FailureDetails = options.HideErrorTypes ? null : row.Failure,
        Tags = row.Tags ?? System.Collections.Immutable.ImmutableDictionary<string, string>.Empty,
    };
}
