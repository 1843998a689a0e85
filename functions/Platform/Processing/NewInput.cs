using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>The rows of a source that a step has not seen: those inserted in the table versions (<paramref name="After"/>,
/// <paramref name="Table"/>'s].</summary>
/// <param name="After">The version up to which the step's target has the rows; null for a first run, which reads the whole snapshot.</param>
/// <param name="AppId">Names the step's position in this source, in the target's <c>txn</c> actions.</param>
public sealed record NewInput(PinnedTable Table, long? After, string AppId, IReadOnlyList<DataFile> Files);
