using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>A text of an action.</summary>
/// <param name="depth">How many optional groups are around it.</param>
/// <param name="get">Whether the innermost group is there, and the text.</param>
internal sealed class TextField(string name, Func<LogLine, (bool There, string? Value)> get, int depth = 1) : CheckpointField(name)
{
    public override Node CreateNode() => TextColumn.CreateNode(Name, Repetition.Optional);

    public override void Write(RowGroupWriter group, IReadOnlyList<LogLine> actions)
    {
        var texts = new TextColumn();
        foreach (var action in actions)
        {
            var (there, value) = get(action);
            if (there && value is not null)
                texts.Add(value, (short)(depth + 1), 0);
            else
                texts.AddNone((short)(there ? depth : 0), 0);
        }

        texts.Write(group);
    }
}
