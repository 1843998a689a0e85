using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>The commit that several waiting changes would make of one state of their table.</summary>
internal sealed class CommitPlan
{
    private static readonly string EngineInfo = $"DataPlatform/{typeof(CommitPlan).Assembly.GetName().Version?.ToString(3)}";

    private readonly TableState _state;
    private readonly List<TableChange> _changes = [];
    private readonly List<DataFile> _removed = [];
    private readonly List<DataFile> _added = [];
    private readonly HashSet<string> _addedPaths = new(StringComparer.Ordinal);
    private readonly string _writer;
    private IReadOnlyList<TableColumn>? _columns;
    private IReadOnlyList<string>? _partitions;

    private CommitPlan(TableState state, string writer)
    {
        _state = state;
        _writer = writer;
        _columns = state.Live?.Columns;
        _partitions = state.Live?.PartitionColumns;
    }

    public long Version => _state.Version + 1;

    /// <summary>Names this attempt in its commit, so that it knows itself again.</summary>
    public string AttemptId { get; } = Guid.NewGuid().ToString();

    /// <summary>The commit's file.</summary>
    public byte[] Content { get; private set; } = [];

    /// <summary>Plans all changes of the group that can land on the state. A change that cannot fails, and only that one.</summary>
    /// <param name="writer">Names this process among the table's writers.</param>
    /// <returns>Null when none is left.</returns>
    public static CommitPlan? TryCreate(TableState state, List<PendingChange> group, string writer, DateTimeOffset now)
    {
        var plan = new CommitPlan(state, writer);
        foreach (var pending in group)
        {
            try
            {
                plan.Add(pending.Change);
            }
            catch (Exception failure) when (failure is TerminalException or CommitConflictException)
            {
                pending.Fail(failure);
            }
        }

        group.RemoveAll(pending => pending.IsDone);
        if (group.Count == 0)
            return null;

        plan.Content = LogWriter.Write(plan.Lines(now));
        return plan;
    }

    private void Add(TableChange change)
    {
        EnsureAllowed(change);
        var columns = ColumnsAfter(change);
        var partitions = PartitionsAfter(change);
        var removed = FilesRemovedBy(change);
        SchemaRules.EnsurePartitions(_state.Table, columns, partitions);
        EnsureAddable(change, partitions);

        // Nothing was kept of a change that failed above.
        _columns = columns;
        _partitions = partitions;
        _removed.AddRange(removed);
        _added.AddRange(change.Add);
        _addedPaths.UnionWith(change.Add.Select(file => DataFiles.Decode(file.Path)));
        _changes.Add(change);
    }

    private void EnsureAllowed(TableChange change)
    {
        if (Math.Max(change.ReadVersion ?? -1, change.SinceVersion) is >= 0 and var known && known <= _state.LastDrop)
        {
            throw new TerminalException(
                FailureKind.Conflict, "TableReplaced", $"Table '{_state.Table}' was dropped while a change to it was computed. Nothing was written.", _state.Table.Name);
        }

        _state.Protocol?.EnsureWritable(_state.Table, _state.Metadata?.Action);
        if (change.ReadVersion > _state.Version)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "TableVersionNotFound",
                $"The change was computed from version {change.ReadVersion} of table '{_state.Table}', whose newest is {_state.Version}. Compute it again.",
                "version");
        }

        if (_state.Live is { HasInvariants: true } && !change.Drops)
        {
            throw new TerminalException(
                FailureKind.NotImplemented,
                "TableFeatureUnsupported",
                $"Table '{_state.Table}' cannot be written: its schema has column invariants ('delta.invariants'), which are not evaluated here. "
                + "Drop them from the schema.",
                _state.Table.Name);
        }
    }

    private IReadOnlyList<TableColumn> ColumnsAfter(TableChange change)
    {
        if (_columns is not { } current)
        {
            SchemaRules.EnsureUsable(_state.Table, change.Columns);
            return change.Columns;
        }

        if (change.PutBack is { } older)
            return older.Metadata!.Columns;

        if (!change.RemoveAll)
        {
            var merged = SchemaRules.Merge(_state.Table, current, change);
            SchemaRules.EnsureUsable(_state.Table, merged);
            return merged;
        }

        if (change.Columns.Count == 0 && change.Add.Count == 0)
            return current;

        SchemaRules.EnsureUsable(_state.Table, change.Columns);
        return change.Columns.SequenceEqual(current) ? current : change.Columns;
    }

    private IReadOnlyList<string> PartitionsAfter(TableChange change)
    {
        if (_partitions is not { } current)
            return change.PartitionColumns ?? [];
        if (change.PutBack is { } older)
            return older.Metadata!.PartitionColumns;
        if (change.PartitionColumns is not { } wanted || wanted.SequenceEqual(current))
            return current;
        if (change.RemoveAll)
            return wanted;
        throw new CommitConflictException(
            _state.Table.Name, change.ReadVersion ?? change.SinceVersion, _state.Version, $"its files are divided by {Listed(current)} now, not by {Listed(wanted)}");

        static string Listed(IReadOnlyList<string> columns) => columns.Count == 0 ? "nothing" : string.Join(", ", columns);
    }

    private List<DataFile> FilesRemovedBy(TableChange change)
    {
        List<DataFile> removed = change.RemoveAll
            ? [.. _state.Files]
            : [.. change.Remove.Select(path => _state.Files.TryGet(path)
                ?? throw new CommitConflictException(
                    _state.Table.Name, change.ReadVersion ?? change.SinceVersion, _state.Version, $"the file '{path}' is no longer in it"))];
        if (removed.Count > 0 && change is { DataChange: true, Drops: false } && _state.Live is { IsAppendOnly: true })
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "TableAppendOnly",
                $"Table '{_state.Table}' is append-only ('delta.appendOnly'): its rows are neither replaced nor deleted. Unset the property, or append.",
                _state.Table.Name);
        }

        return removed;
    }

    private void EnsureAddable(TableChange change, IReadOnlyList<string> partitions)
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in change.Add)
        {
            DataFiles.Locate(_state.Table, file);
            var path = DataFiles.Decode(file.Path);
            if (_addedPaths.Contains(path) || !paths.Add(path) || _state.Files.TryGet(file.Path) is not null)
                throw Faulty($"The file '{file.Path}' is already in table '{_state.Table}'. Give every file a name of its own.");
            if (file.PartitionValues.Count != partitions.Count || !partitions.All(file.PartitionValues.ContainsKey))
                throw Faulty($"The file '{file.Path}' needs values for the partition columns of table '{_state.Table}': {string.Join(", ", partitions)}.");
        }
    }

    private TerminalException Faulty(string message) => new(FailureKind.Internal, "InvalidDataFile", message, _state.Table.Name);

    private IEnumerable<LogLine> Lines(DateTimeOffset now)
    {
        // Monotonic, so that time travel finds one version for a time even when clocks differ.
        var timestamp = Math.Max(now.ToUnixTimeMilliseconds(), _state.Exists ? _state.Timestamp.ToUnixTimeMilliseconds() + 1 : 0);
        yield return new LogLine { CommitInfo = Info(timestamp) };

        if (_state.Live is not { } metadata)
        {
            yield return new LogLine { Protocol = ProtocolAction.Ours };
            yield return new LogLine
            {
                MetaData = TableMetadata.Create(_state.Table.Name, _columns!, _partitions!, DateTimeOffset.FromUnixTimeMilliseconds(timestamp)).Action,
            };
        }
        else if (_changes[0].Drops)
        {
            yield return new LogLine { MetaData = metadata.Dropped(_changes[0].OperationId!).Action };
        }
        else if (_changes[0].PutBack is { } older)
        {
            if (!metadata.IsSameAs(older.Metadata!))
                yield return new LogLine { MetaData = older.Metadata!.Action };
        }
        else if (!ReferenceEquals(metadata.Columns, _columns) || !ReferenceEquals(metadata.PartitionColumns, _partitions))
        {
            yield return new LogLine { MetaData = metadata.WithColumns(_columns!, _partitions!).Action };
        }

        foreach (var (appId, version) in _changes.SelectMany(change => change.Transactions))
            yield return new LogLine { Txn = new TransactionAction { AppId = appId, Version = version, LastUpdated = timestamp } };

        var dataChange = _changes[0].DataChange;
        foreach (var file in _removed)
            yield return new LogLine { Remove = RemoveAction.Of(file, timestamp, dataChange) };

        foreach (var file in _added)
            yield return new LogLine { Add = AddAction.Of(file, dataChange) };
    }

    private JsonObject Info(long timestamp)
    {
        var first = _changes[0];
        var parameters = new JsonObject();
        foreach (var (name, value) in first.Parameters ?? new Dictionary<string, string>())
            parameters[name] = value;
        if (first is { Remove.Count: 0, Parameters: null })
            parameters["mode"] = first.RemoveAll ? "Overwrite" : "Append";

        var info = new JsonObject
        {
            [CommitInfoNames.Timestamp] = timestamp,
            [CommitInfoNames.Operation] = first.Operation,
            [CommitInfoNames.OperationParameters] = parameters,
            [CommitInfoNames.OperationMetrics] = Metrics(),
            [CommitInfoNames.IsBlindAppend] = first is { ReadVersion: null, RemoveAll: false, Remove.Count: 0 },
            [CommitInfoNames.EngineInfo] = EngineInfo,
            [CommitInfoNames.AttemptId] = AttemptId,
            [CommitInfoNames.Writer] = _writer,
        };
        if (_state.Exists)
            info[CommitInfoNames.ReadVersion] = first.ReadVersion ?? _state.Version;
        if (first.OperationId is not null)
            info[CommitInfoNames.OperationId] = first.OperationId;

        IReadOnlyList<CommittedBatch> batches = [.. _changes.SelectMany(change => change.Batches)];
        if (batches.Count > 0)
            info[CommitInfoNames.Batch] = JsonSerializer.SerializeToNode(batches, ProtocolJson.Default.IReadOnlyListCommittedBatch);
        if (first.PutBack is { } older)
            TableInputs.PutBack(info, _state.LastWithInputs, older.LastWithInputs);
        else
            TableInputs.Write(info, _state.LastWithInputs, first.Inputs);
        foreach (var (name, value) in first.Extra ?? [])
            info[name] = value?.DeepClone();
        return info;
    }

    // Delta keeps metrics as text.
    private JsonObject Metrics()
    {
        var metrics = new JsonObject
        {
            ["numFiles"] = $"{_added.Count}",
            ["numOutputBytes"] = $"{_added.Sum(file => file.Size)}",
        };
        if (_added.All(file => file.Statistics is not null))
            metrics["numOutputRows"] = $"{_added.Sum(file => file.Statistics!.Rows)}";
        if (_removed.Count > 0)
            metrics["numRemovedFiles"] = $"{_removed.Count}";
        return metrics;
    }
}
