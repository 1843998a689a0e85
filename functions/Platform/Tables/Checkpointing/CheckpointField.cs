using DataPlatform.Tables.Protocol;
using ParquetSharp;
using ParquetSharp.Schema;

namespace DataPlatform.Tables.Checkpointing;

/// <summary>A member of an action as a checkpoint's Parquet file has it: its schema, and its columns for a run of actions.</summary>
internal abstract class CheckpointField(string name)
{
    public string Name { get; } = name;

    public abstract Node CreateNode();

    /// <summary>Writes the field's columns, in the order of the schema.</summary>
    public abstract void Write(RowGroupWriter group, IReadOnlyList<LogLine> actions);
}
