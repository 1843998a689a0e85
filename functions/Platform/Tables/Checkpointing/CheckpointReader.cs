using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Tables.Protocol;
using ParquetSharp;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>Reads classic checkpoints, ours and other writers': columns are found by name, those beyond the protocol's are passed over.</summary>
internal static class CheckpointReader
{
    /// <summary>Takes in one part of a checkpoint.</summary>
    /// <param name="file">Seekable.</param>
    /// <exception cref="InvalidDataException">It is no checkpoint, or damaged.</exception>
    public static void Read(Stream file, CheckpointContent content)
    {
        try
        {
            using var properties = ReaderProperties.WithMemoryPool(MemoryPool.SystemMemoryPool());
            using var reader = new ParquetFileReader(file, properties, leaveOpen: true);
            using var metadata = reader.FileMetaData;
            content.Timestamp = Number(metadata.KeyValueMetadata, CheckpointWriter.TimestampKey) ?? content.Timestamp;
            content.FirstVersion = Number(metadata.KeyValueMetadata, CheckpointWriter.FirstVersionKey) ?? content.FirstVersion;
            content.LastDrop = Number(metadata.KeyValueMetadata, CheckpointWriter.LastDropKey) ?? content.LastDrop;
            if (metadata.KeyValueMetadata.TryGetValue(CheckpointWriter.InputsKey, out var inputs))
                content.Inputs = JsonNode.Parse(inputs) as JsonObject;
            var columns = Enumerable.Range(0, metadata.NumColumns)
                .Select(i => (Path: metadata.Schema.Column(i).Path.ToDotString(), Index: i))
                .ToList();
            for (var i = 0; i < metadata.NumRowGroups; i++)
            {
                using var group = reader.RowGroup(i);
                new Actions(group, columns).ApplyTo(content);
            }
        }
        catch (Exception damage) when (damage is ParquetException or JsonException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"It is damaged: {damage.Message}", damage);
        }
    }

    private static long? Number(IReadOnlyDictionary<string, string> entries, string key) =>
        entries.TryGetValue(key, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The actions of one row group.</summary>
    private sealed class Actions(RowGroupReader group, List<(string Path, int Index)> columns)
    {
        private readonly int _rows = checked((int)group.MetaData.NumRows);

        public void ApplyTo(CheckpointContent content)
        {
            content.IsVersion2 |= Texts("sidecar.path").Any(path => path is not null) || Values<long>("checkpointMetadata.version").Any(v => v is not null);
            AddProtocol(content);
            AddMetadata(content);
            AddTransactions(content);
            AddFiles(content);
            AddTombstones(content);
        }

        private void AddProtocol(CheckpointContent content)
        {
            var (reader, writer) = (Values<int>("protocol.minReaderVersion"), Values<int>("protocol.minWriterVersion"));
            if (Array.FindLastIndex(reader, version => version is not null) is not (>= 0 and var row))
                return;

            content.Protocol = new ProtocolAction
            {
                MinReaderVersion = reader[row]!.Value,
                MinWriterVersion = writer[row] ?? throw new InvalidDataException("Its protocol has no minWriterVersion."),
                ReaderFeatures = Lists("protocol.readerFeatures")[row]?.OfType<string>().ToArray(),
                WriterFeatures = Lists("protocol.writerFeatures")[row]?.OfType<string>().ToArray(),
            };
        }

        private void AddMetadata(CheckpointContent content)
        {
            var ids = Texts("metaData.id");
            if (Array.FindLastIndex(ids, id => id is not null) is not (>= 0 and var row))
                return;

            content.Metadata = new MetadataAction
            {
                Id = ids[row]!,
                Name = Texts("metaData.name")[row],
                Description = Texts("metaData.description")[row],
                Format = new FormatAction
                {
                    Provider = Texts("metaData.format.provider")[row] ?? "parquet",
                    Options = Maps("metaData.format.options")[row] ?? [],
                },
                SchemaString = Texts("metaData.schemaString")[row] ?? throw new InvalidDataException("Its metaData has no schemaString."),
                PartitionColumns = Lists("metaData.partitionColumns")[row]?.OfType<string>().ToArray() ?? [],
                Configuration = Maps("metaData.configuration")[row] ?? [],
                CreatedTime = Values<long>("metaData.createdTime")[row],
            };
        }

        private void AddTransactions(CheckpointContent content)
        {
            var (ids, versions) = (Texts("txn.appId"), Values<long>("txn.version"));
            for (var row = 0; row < _rows; row++)
            {
                if (ids[row] is { } id)
                    content.Transactions[id] = versions[row] ?? throw new InvalidDataException("A txn has no version.");
            }
        }

        private void AddFiles(CheckpointContent content)
        {
            var (paths, sizes, times) = (Texts("add.path"), Values<long>("add.size"), Values<long>("add.modificationTime"));
            var (partitions, tags, statistics) = (Maps("add.partitionValues"), Maps("add.tags"), Texts("add.stats"));
            for (var row = 0; row < _rows; row++)
            {
                if (paths[row] is { } path)
                {
                    content.Files.Add(new DataFile(path, sizes[row] ?? 0, Partition(partitions[row]), times[row] ?? 0, null)
                    {
                        StatisticsText = statistics[row] is "" ? null : statistics[row],
                        Tags = tags[row] is { Count: > 0 } some ? some : null,
                    });
                }
            }
        }

        private void AddTombstones(CheckpointContent content)
        {
            var paths = Texts("remove.path");
            if (!paths.Any(path => path is not null))
                return;

            var (sizes, times, partitions) = (Values<long>("remove.size"), Values<long>("remove.deletionTimestamp"), Maps("remove.partitionValues"));
            for (var row = 0; row < _rows; row++)
            {
                if (paths[row] is { } path)
                    content.Tombstones.Add(new DataFile(path, sizes[row] ?? 0, Partition(partitions[row]), times[row] ?? 0, null));
            }
        }

        private static IReadOnlyDictionary<string, string?> Partition(Dictionary<string, string?>? values) =>
            values is { Count: > 0 } ? values : DataFile.NoPartition;

        private string?[] Texts(string path) =>
            Find(path) is { } index ? CheckpointLeaf.ReadTexts(group, index, _rows) : new string?[_rows];

        private T?[] Values<T>(string path)
            where T : unmanaged =>
            Find(path) is { } index ? CheckpointLeaf.ReadValues<T>(group, index, _rows) : new T?[_rows];

        private List<string?>?[] Lists(string path) =>
            Below(path) is [var items, ..] ? CheckpointLeaf.ReadLists(group, items, _rows) : new List<string?>?[_rows];

        private Dictionary<string, string?>?[] Maps(string path)
        {
            var maps = new Dictionary<string, string?>?[_rows];
            if (Below(path) is not [var keyColumn, var valueColumn])
                return maps;

            var (keys, values) = (CheckpointLeaf.ReadLists(group, keyColumn, _rows), CheckpointLeaf.ReadLists(group, valueColumn, _rows));
            for (var row = 0; row < _rows; row++)
            {
                if (keys[row] is not { } some)
                    continue;
                var map = maps[row] = new Dictionary<string, string?>(some.Count, StringComparer.Ordinal);
                for (var i = 0; i < some.Count; i++)
                    map[some[i] ?? throw new InvalidDataException($"A key of {path} is null.")] = values[row]![i];
            }

            return maps;
        }

        private int? Find(string path) =>
            columns.FindIndex(column => column.Path == path) is >= 0 and var index ? columns[index].Index : null;

        // The groups between a list or map and its items are named differently by each writer.
        private int[] Below(string path) =>
            [.. columns.Where(column => column.Path.StartsWith(path + ".", StringComparison.Ordinal)).Select(column => column.Index)];
    }
}
