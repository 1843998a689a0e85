using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>A list of texts: <c>repeated group list {optional element}</c>, as the Parquet format asks for.</summary>
/// <param name="get">Whether the action is there, and the list.</param>
internal sealed class ListField(string name, Func<LogLine, (bool There, IReadOnlyList<string>? Items)> get) : CheckpointField(name)
{
    public override Node CreateNode()
    {
        using var list = LogicalType.List();
        using var items = new GroupNode("list", Repetition.Repeated, [TextColumn.CreateNode("element", Repetition.Optional)]);
        return new GroupNode(Name, Repetition.Optional, [items], list);
    }

    public override void Write(RowGroupWriter group, IReadOnlyList<LogLine> actions)
    {
        var texts = new TextColumn();
        foreach (var action in actions)
        {
            var (there, items) = get(action);
            if (items is null or { Count: 0 })
            {
                texts.AddNone((short)(!there ? 0 : items is null ? 1 : 2), 0);
                continue;
            }

            for (var i = 0; i < items.Count; i++)
                texts.Add(items[i], 4, (short)(i == 0 ? 0 : 1));
        }

        texts.Write(group, repeated: true);
    }
}
