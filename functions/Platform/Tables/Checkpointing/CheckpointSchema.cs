using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>The columns of a checkpoint: one group an action, one action a row (PROTOCOL.md, "Checkpoint Schema").</summary>
internal static class CheckpointSchema
{
    public static readonly IReadOnlyList<CheckpointField> Actions =
    [
        new GroupField(
            "txn",
            new TextField("appId", line => (line.Txn is not null, line.Txn?.AppId)),
            Long("version", Repetition.Required, line => (line.Txn is not null, line.Txn?.Version)),
            Long("lastUpdated", Repetition.Optional, line => (line.Txn is not null, line.Txn?.LastUpdated))),
        new GroupField(
            "add",
            new TextField("path", line => (line.Add is not null, line.Add?.Path)),
            new MapField("partitionValues", line => (line.Add is not null, line.Add?.PartitionValues)),
            Long("size", Repetition.Required, line => (line.Add is not null, line.Add?.Size)),
            Long("modificationTime", Repetition.Required, line => (line.Add is not null, line.Add?.ModificationTime)),
            Bool("dataChange", Repetition.Required, line => (line.Add is not null, line.Add?.DataChange)),
            new MapField("tags", line => (line.Add is not null, line.Add?.Tags)),
            new TextField("stats", line => (line.Add is not null, line.Add?.Stats))),
        new GroupField(
            "remove",
            new TextField("path", line => (line.Remove is not null, line.Remove?.Path)),
            Long("deletionTimestamp", Repetition.Optional, line => (line.Remove is not null, line.Remove?.DeletionTimestamp)),
            Bool("dataChange", Repetition.Required, line => (line.Remove is not null, line.Remove?.DataChange)),
            Bool("extendedFileMetadata", Repetition.Optional, line => (line.Remove is not null, line.Remove?.ExtendedFileMetadata)),
            new MapField("partitionValues", line => (line.Remove is not null, line.Remove?.PartitionValues)),
            Long("size", Repetition.Optional, line => (line.Remove is not null, line.Remove?.Size))),
        new GroupField(
            "metaData",
            new TextField("id", line => (line.MetaData is not null, line.MetaData?.Id)),
            new TextField("name", line => (line.MetaData is not null, line.MetaData?.Name)),
            new TextField("description", line => (line.MetaData is not null, line.MetaData?.Description)),
            new GroupField(
                "format",
                new TextField("provider", line => (line.MetaData is not null, line.MetaData?.Format.Provider), depth: 2),
                new MapField("options", line => (line.MetaData is not null, line.MetaData?.Format.Options), depth: 2)),
            new TextField("schemaString", line => (line.MetaData is not null, line.MetaData?.SchemaString)),
            new ListField("partitionColumns", line => (line.MetaData is not null, line.MetaData?.PartitionColumns)),
            new MapField("configuration", line => (line.MetaData is not null, line.MetaData?.Configuration)),
            Long("createdTime", Repetition.Optional, line => (line.MetaData is not null, line.MetaData?.CreatedTime))),
        new GroupField(
            "protocol",
            Int("minReaderVersion", line => (line.Protocol is not null, line.Protocol?.MinReaderVersion)),
            Int("minWriterVersion", line => (line.Protocol is not null, line.Protocol?.MinWriterVersion)),
            new ListField("readerFeatures", line => (line.Protocol is not null, line.Protocol?.ReaderFeatures)),
            new ListField("writerFeatures", line => (line.Protocol is not null, line.Protocol?.WriterFeatures))),
    ];

    public static GroupNode CreateNode()
    {
        var nodes = Actions.Select(action => action.CreateNode()).ToArray();
        try
        {
            return new GroupNode("checkpoint", Repetition.Required, nodes);
        }
        finally
        {
            foreach (var node in nodes)
                node.Dispose();
        }
    }

    private static ScalarField<long> Long(string name, Repetition repetition, Func<LogLine, (bool, long?)> get) =>
        new(name, repetition, PhysicalType.Int64, get);

    private static ScalarField<int> Int(string name, Func<LogLine, (bool, int?)> get) => new(name, Repetition.Required, PhysicalType.Int32, get);

    private static ScalarField<bool> Bool(string name, Repetition repetition, Func<LogLine, (bool, bool?)> get) =>
        new(name, repetition, PhysicalType.Boolean, get);
}
