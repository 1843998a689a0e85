using System.Collections.Immutable;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables.Checkpointing;
using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>A table after one version of its log, for readers and writers alike. Immutable.</summary>
internal sealed class TableState
{
    // How often removals whose time is over are forgotten.
    private const long PruneEvery = 100;

    private static readonly ImmutableDictionary<string, DataFile> NoTombstones = ImmutableDictionary.Create<string, DataFile>(StringComparer.Ordinal);
    private static readonly ImmutableDictionary<string, long> NoTransactions = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);

    private Snapshot? _snapshot;

    private TableState(TableName table) => Table = table;

    public TableName Table { get; }

    /// <summary>-1 while there is no table.</summary>
    public long Version { get; private init; } = -1;

    /// <summary>Of the commit, but later than all before it, as Delta's time travel has it: clocks of other writers may go back.</summary>
    public DateTimeOffset Timestamp { get; private init; } = DateTimeOffset.UnixEpoch;

    public ProtocolAction? Protocol { get; private init; }

    public TableMetadata? Metadata { get; private init; }

    /// <summary>The newest <c>commitInfo</c> that carries inputs; null when none does.</summary>
    public JsonObject? LastWithInputs { get; private init; }

    public LiveFiles Files { get; private init; } = LiveFiles.None;

    /// <summary>Decoded paths of removed files whose retention is not over; their <see cref="DataFile.ModificationTime"/> is that of the
    /// removal.</summary>
    public ImmutableDictionary<string, DataFile> Tombstones { get; private init; } = NoTombstones;

    public ImmutableDictionary<string, long> Transactions { get; private init; } = NoTransactions;

    public long FirstVersion { get; private init; }

    /// <summary>Where the last table of the name ended; -1 when none is known to have.</summary>
    public long LastDrop { get; private init; } = -1;

    /// <summary>Whether there is a log: of a table, or of one that was dropped.</summary>
    public bool Exists => Version >= 0;

    public bool IsDropped => Metadata is { IsDropped: true };

    public bool HasTable => Exists && !IsDropped;

    /// <summary>The first version of the table that there is, or that would be made next.</summary>
    public long Start => IsDropped ? Version + 1 : FirstVersion;

    /// <summary>The metadata of the table; null when there is none.</summary>
    public TableMetadata? Live => IsDropped ? null : Metadata;

    public static TableState None(TableName table) => new(table);

    /// <summary>The state that a checkpoint tells.</summary>
    /// <exception cref="TerminalException"><c>TableFeatureUnsupported</c>.</exception>
    public static TableState Of(TableName table, long version, CheckpointContent content, DateTimeOffset timestamp)
    {
        content.Protocol!.EnsureReadable(table, content.Metadata);
        return new TableState(table)
        {
            Version = version,
            Timestamp = timestamp,
            Protocol = content.Protocol,
            Metadata = new TableMetadata(content.Metadata!),
            LastWithInputs = content.Inputs,
            Files = LiveFiles.None.Apply([], content.Files),
            Tombstones = NoTombstones.SetItems(content.Tombstones.Select(file => KeyValuePair.Create(DataFiles.Decode(file.Path), file))),
            Transactions = NoTransactions.SetItems(content.Transactions),
            FirstVersion = content.FirstVersion ?? 0,
            LastDrop = content.LastDrop ?? (content.Metadata!.Configuration.ContainsKey(TableMetadata.DroppedProperty) ? version : -1),
        };
    }

    /// <summary>Costs what the entry changes, whatever the size of the table.</summary>
    public TableState Apply(LogEntry entry)
    {
        if (entry.Version != Version + 1)
            throw new InvalidOperationException($"Version {entry.Version} of table '{Table}' does not follow version {Version}.");

        if (entry.Protocol is not null || entry.Metadata is not null)
            (entry.Protocol ?? Protocol)?.EnsureReadable(Table, (entry.Metadata ?? Metadata)?.Action);
        var isOther = entry.Metadata is { } metadata && metadata.Id != Metadata?.Id;
        var drops = entry.Metadata is { IsDropped: true };
        return new TableState(Table)
        {
            Version = entry.Version,
            Timestamp = entry.Commit.Timestamp > Timestamp ? entry.Commit.Timestamp : Timestamp.AddMilliseconds(1),
            Protocol = entry.Protocol ?? Protocol,
            Metadata = entry.Metadata ?? Metadata,
            LastDrop = drops ? entry.Version : LastDrop,
            LastWithInputs = drops ? null : entry.Commit.Info.ContainsKey(CommitInfoNames.InputsBy) ? entry.Commit.Info : LastWithInputs,
            Files = Files.Apply(entry.Commit.Removed, entry.Commit.Added),
            Tombstones = TombstonesAfter(entry),
            Transactions = TransactionsAfter(entry),
            FirstVersion = isOther ? entry.Version : FirstVersion,
        };
    }

    // The protocol has no action that takes a transaction away; a restore to a version without it puts it below all that writers use.
    private ImmutableDictionary<string, long> TransactionsAfter(LogEntry entry) => entry.Transactions.Count == 0
        ? Transactions
        : Transactions.SetItems(entry.Transactions).RemoveRange(entry.Transactions.Where(transaction => transaction.Value < 0).Select(transaction => transaction.Key));

    private ImmutableDictionary<string, DataFile> TombstonesAfter(LogEntry entry)
    {
        var tombstones = Tombstones;
        if (entry.Commit.Removed.Count > 0)
            tombstones = tombstones.SetItems(entry.Commit.Removed.Select(file => KeyValuePair.Create(DataFiles.Decode(file.Path), file)));
        if (tombstones.IsEmpty)
            return tombstones;
        if (entry.Commit.Added.Count > 0)
            tombstones = tombstones.RemoveRange(entry.Commit.Added.Select(file => DataFiles.Decode(file.Path)));
        if (entry.Version % PruneEvery != 0)
            return tombstones;

        var oldest = (entry.Commit.Timestamp - (Metadata ?? entry.Metadata)!.DeletedFileRetention).ToUnixTimeMilliseconds();
        return tombstones.RemoveRange(tombstones.Where(tombstone => tombstone.Value.ModificationTime < oldest).Select(tombstone => tombstone.Key));
    }

    public Snapshot ToSnapshot()
    {
        if (Metadata is null || Protocol is null)
        {
            throw new TerminalException(
                FailureKind.Internal,
                "TableLogUnreadable",
                $"The log of table '{Table}' up to version {Version} has no metaData or protocol action.",
                Table.Name);
        }

        return _snapshot ??= new Snapshot(
            Table, Metadata.Id, Version, Timestamp, Metadata.Columns, Metadata.PartitionColumns, Files, Transactions)
        {
            FirstVersion = FirstVersion,
            Created = Metadata.Action.CreatedTime is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : null,
            Properties = Metadata.Action.Configuration,
        };
    }
}
