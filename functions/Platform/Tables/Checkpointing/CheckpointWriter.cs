using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Lake;
using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.IO;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>Writes a table's state as a classic checkpoint: one Parquet file with one action a row.</summary>
internal static class CheckpointWriter
{
    /// <summary>Entries of the file's footer that tell what actions do not; other readers pass over them.</summary>
    public const string TimestampKey = "dataplatform.timestamp";

    /// <inheritdoc cref="TimestampKey"/>
    public const string FirstVersionKey = "dataplatform.firstVersion";

    /// <inheritdoc cref="TimestampKey"/>
    public const string LastDropKey = "dataplatform.lastDrop";

    /// <inheritdoc cref="TimestampKey"/>
    public const string InputsKey = "dataplatform.inputs";

    private const int RowsInGroup = 20_000;

    /// <param name="oldestTombstone">Removals before this time, in milliseconds since 1970, are left out.</param>
    /// <returns>The number of actions.</returns>
    public static async Task<long> WriteAsync(TableState state, long oldestTombstone, Stream target, CancellationToken cancellationToken)
    {
        await using var drain = new DrainStream();
        using var builder = new WriterPropertiesBuilder();
        using var properties = builder.MemoryPool(MemoryPool.SystemMemoryPool()).Compression(Compression.Snappy).CreatedBy("DataPlatform").Build();
        using var schema = CheckpointSchema.CreateNode();
        using var output = new ManagedOutputStream(drain, leaveOpen: true);
        using var file = new ParquetFileWriter(output, schema, properties, Footer(state));

        long count = 0;
        foreach (var actions in Actions(state, oldestTombstone).Chunk(RowsInGroup))
        {
            using (var group = file.AppendRowGroup())
            {
                foreach (var action in CheckpointSchema.Actions)
                    action.Write(group, actions);
            }

            count += actions.Length;
            await drain.DrainToAsync(target, cancellationToken);
        }

        file.Close();
        await drain.DrainToAsync(target, cancellationToken);
        return count;
    }

    private static Dictionary<string, string> Footer(TableState state)
    {
        var footer = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TimestampKey] = state.Timestamp.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture),
            [FirstVersionKey] = state.FirstVersion.ToString(CultureInfo.InvariantCulture),
        };
        if (state.LastDrop >= 0)
            footer[LastDropKey] = state.LastDrop.ToString(CultureInfo.InvariantCulture);
        if (state.LastWithInputs is { } info)
        {
            var inputs = new JsonObject();
            TableInputs.Write(inputs, info, change: null);
            footer[InputsKey] = inputs.ToJsonString();
        }

        return footer;
    }

    // Nothing in a checkpoint changes data: it repeats what the commits before it have told.
    private static IEnumerable<LogLine> Actions(TableState state, long oldestTombstone)
    {
        yield return new LogLine { Protocol = state.Protocol };
        yield return new LogLine { MetaData = state.Metadata!.Action };
        foreach (var (appId, version) in state.Transactions)
            yield return new LogLine { Txn = new TransactionAction { AppId = appId, Version = version } };
        foreach (var removed in state.Tombstones.Values.Where(removed => removed.ModificationTime >= oldestTombstone))
            yield return new LogLine { Remove = RemoveAction.Of(removed, removed.ModificationTime, dataChange: false) };
        foreach (var file in state.Files)
            yield return new LogLine { Add = AddAction.Of(file, dataChange: false) };
    }
}
