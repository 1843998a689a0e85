using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>A map from text to text: <c>repeated group key_value {required key; optional value}</c>, as the Parquet format asks for.</summary>
/// <param name="depth">How many optional groups are around it.</param>
/// <param name="get">Whether the innermost group is there, and the map.</param>
internal sealed class MapField(
    string name, Func<LogLine, (bool There, IReadOnlyDictionary<string, string?>? Map)> get, int depth = 1) : CheckpointField(name)
{
    public override Node CreateNode()
    {
        using var map = LogicalType.Map();
        using var entry = new GroupNode(
            "key_value", Repetition.Repeated, [TextColumn.CreateNode("key", Repetition.Required), TextColumn.CreateNode("value", Repetition.Optional)]);
        return new GroupNode(Name, Repetition.Optional, [entry], map);
    }

    public override void Write(RowGroupWriter group, IReadOnlyList<LogLine> actions)
    {
        var (keys, values) = (new TextColumn(), new TextColumn());
        foreach (var action in actions)
        {
            var (there, map) = get(action);
            if (map is null or { Count: 0 })
            {
                var definition = (short)(!there ? 0 : map is null ? depth : depth + 1);
                keys.AddNone(definition, 0);
                values.AddNone(definition, 0);
                continue;
            }

            short repetition = 0;
            foreach (var (key, value) in map)
            {
                keys.Add(key, (short)(depth + 2), repetition);
                if (value is null)
                    values.AddNone((short)(depth + 2), repetition);
                else
                    values.Add(value, (short)(depth + 3), repetition);
                repetition = 1;
            }
        }

        keys.Write(group, repeated: true);
        values.Write(group, repeated: true);
    }
}
