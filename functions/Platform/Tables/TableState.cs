using System.Collections.Immutable;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables.Protocol;

namespace DataPlatform.Tables;

/// <summary>A table after one version of its log, for readers and writers alike. Immutable.</summary>
internal sealed class TableState
{
    private static readonly ImmutableDictionary<string, long> NoTransactions = ImmutableDictionary.Create<string, long>(StringComparer.Ordinal);

    private Snapshot? _snapshot;

    private TableState(TableName table) => Table = table;

    public TableName Table { get; }

    /// <summary>-1 while there is no table.</summary>
    public long Version { get; private init; } = -1;

    public DateTimeOffset Timestamp { get; private init; } = DateTimeOffset.UnixEpoch;

    public ProtocolAction? Protocol { get; private init; }

    public TableMetadata? Metadata { get; private init; }

    /// <summary>The newest <c>commitInfo</c> that carries inputs; null when none does.</summary>
    public JsonObject? LastWithInputs { get; private init; }

    public LiveFiles Files { get; private init; } = LiveFiles.None;

    public ImmutableDictionary<string, long> Transactions { get; private init; } = NoTransactions;

    public long FirstVersion { get; private init; }

    public bool Exists => Version >= 0;

    public static TableState None(TableName table) => new(table);

    /// <summary>Costs what the entry changes, whatever the size of the table.</summary>
    public TableState Apply(LogEntry entry)
    {
        if (entry.Version != Version + 1)
            throw new InvalidOperationException($"Version {entry.Version} of table '{Table}' does not follow version {Version}.");

        entry.Protocol?.EnsureReadable(Table);
        var isOther = entry.Metadata is { } metadata && metadata.Id != Metadata?.Id;
        return new TableState(Table)
        {
            Version = entry.Version,
            Timestamp = entry.Commit.Timestamp,
            Protocol = entry.Protocol ?? Protocol,
            Metadata = entry.Metadata ?? Metadata,
            LastWithInputs = entry.Commit.Info.ContainsKey(CommitInfoNames.InputsBy) ? entry.Commit.Info : LastWithInputs,
            Files = Files.Apply(entry.Commit.Removed, entry.Commit.Added),
            Transactions = entry.Transactions.Count == 0 ? Transactions : Transactions.SetItems(entry.Transactions),
            FirstVersion = isOther ? entry.Version : FirstVersion,
        };
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
        };
    }
}
