using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>A number or boolean of an action.</summary>
/// <param name="get">Whether the action is there, and its value.</param>
internal sealed class ScalarField<T>(string name, Repetition repetition, PhysicalType type, Func<LogLine, (bool There, T? Value)> get)
    : CheckpointField(name)
    where T : unmanaged
{
    public override Node CreateNode()
    {
        using var logical = LogicalType.None();
        return new PrimitiveNode(Name, repetition, logical, type);
    }

    public override void Write(RowGroupWriter group, IReadOnlyList<LogLine> actions)
    {
        var definitions = new short[actions.Count];
        List<T> values = [];
        for (var i = 0; i < actions.Count; i++)
        {
            var (there, value) = get(actions[i]);
            if (there && value is { } known)
                values.Add(known);
            else if (there && repetition == Repetition.Required)
                throw new InvalidOperationException($"An action has no '{Name}'.");
            definitions[i] = (short)((there ? 1 : 0) + (there && value is not null && repetition == Repetition.Optional ? 1 : 0));
        }

        using var column = (ColumnWriter<T>)group.NextColumn();
        column.WriteBatch(actions.Count, definitions, [], values.ToArray());
    }
}
