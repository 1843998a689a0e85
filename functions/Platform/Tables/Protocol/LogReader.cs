using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;

namespace DataPlatform.Tables.Protocol;

/// <summary>Parses the files of a log: newline-delimited JSON, one action a line.</summary>
internal static class LogReader
{
    /// <exception cref="TerminalException"><c>TableLogUnreadable</c>: names table, version and line.</exception>
    public static LogEntry Read(TableName table, long version, ReadOnlySpan<byte> log)
    {
        var actions = new LogActions();
        var number = 0;
        foreach (var range in log.Split((byte)'\n'))
        {
            number++;
            var line = log[range].Trim(" \t\r"u8);
            if (line.IsEmpty)
                continue;

            try
            {
                actions.Apply(JsonSerializer.Deserialize(line, ProtocolJson.Default.LogLine) ?? throw new JsonException("The line is null."));
            }
            catch (Exception fault) when (fault is JsonException or InvalidOperationException or FormatException)
            {
                throw new TerminalException(
                    FailureKind.Internal,
                    "TableLogUnreadable",
                    $"Line {number} of version {version} in the log of table '{table}' is not a Delta action: {fault.Message}",
                    table.Name,
                    innerException: fault);
            }
        }

        return actions.ToEntry(version, log.Length);
    }

    /// <summary>Collects actions, in the order of their lines.</summary>
    private sealed class LogActions
    {
        private readonly List<DataFile> _added = [];
        private readonly List<DataFile> _removed = [];
        private readonly Dictionary<string, long> _transactions = new(StringComparer.Ordinal);
        private JsonObject? _info;
        private ProtocolAction? _protocol;
        private TableMetadata? _metadata;
        private IReadOnlyList<CommittedBatch> _batches = [];
        private bool _dataChange;
        private long _newest;

        public void Apply(LogLine line)
        {
            if (line.CommitInfo is { } info)
            {
                _info = info;
                if (info[CommitInfoNames.Batch] is JsonArray batches)
                    _batches = batches.Deserialize(ProtocolJson.Default.IReadOnlyListCommittedBatch) ?? [];
            }

            if (line.Protocol is { } protocol)
                _protocol = protocol;
            if (line.MetaData is { } metadata)
                _metadata = new TableMetadata(metadata);
            if (line.Txn is { } transaction)
                _transactions[transaction.AppId] = transaction.Version;

            if (line.Add is { } add)
            {
                _added.Add(new DataFile(
                    add.Path, add.Size, Partition(add.PartitionValues), add.ModificationTime, StatisticsDocument.Parse(add.Stats))
                {
                    Tags = add.Tags is { Count: > 0 } tags ? tags : null,
                });
                _dataChange |= add.DataChange;
                _newest = Math.Max(_newest, add.ModificationTime);
            }

            if (line.Remove is { } remove)
            {
                _removed.Add(new DataFile(
                    remove.Path, remove.Size ?? 0, Partition(remove.PartitionValues), remove.DeletionTimestamp ?? 0, StatisticsDocument.Parse(remove.Stats)));
                _dataChange |= remove.DataChange;
                _newest = Math.Max(_newest, remove.DeletionTimestamp ?? 0);
            }
        }

        public LogEntry ToEntry(long version, int length)
        {
            // Other writers may leave commitInfo out: then the newest time in the actions is the best guess.
            var info = _info ?? [];
            var timestamp = info[CommitInfoNames.Timestamp] is JsonValue value && value.TryGetValue<long>(out var told) ? told : _newest;
            var commit = new Commit(
                version,
                DateTimeOffset.FromUnixTimeMilliseconds(timestamp),
                Text(info[CommitInfoNames.Operation]) ?? "UNKNOWN",
                Text(info[CommitInfoNames.OperationId]),
                _batches,
                _added,
                _removed,
                _dataChange,
                info)
            {
                Transactions = _transactions,
            };
            return new LogEntry(commit, _protocol, _metadata, length);
        }

        private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

        private static IReadOnlyDictionary<string, string?> Partition(Dictionary<string, string?>? values) =>
            values is { Count: > 0 } ? values : DataFile.NoPartition;
    }
}
