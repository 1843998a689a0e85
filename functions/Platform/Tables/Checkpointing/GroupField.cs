using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>A group of fields: an action, or a struct in one.</summary>
internal sealed class GroupField(string name, params IReadOnlyList<CheckpointField> fields) : CheckpointField(name)
{
    public override Node CreateNode()
    {
        var nodes = fields.Select(field => field.CreateNode()).ToArray();
        try
        {
            return new GroupNode(Name, Repetition.Optional, nodes);
        }
        finally
        {
            foreach (var node in nodes)
                node.Dispose();
        }
    }

    public override void Write(RowGroupWriter group, IReadOnlyList<LogLine> actions)
    {
        foreach (var field in fields)
            field.Write(group, actions);
    }
}
