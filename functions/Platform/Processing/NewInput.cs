using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>The rows of a source that a step has not seen: those inserted in the table versions (<paramref name="After"/>,
/// <paramref name="Table"/>'s].</summary>
/// <param name="After">The version up to which the step's target has the rows; null for a first run, which reads the whole snapshot.</param>
/// <param name="AppId">Names the step's position in this source, in the target's <c>txn</c> actions.</param>
public sealed record NewInput(PinnedTable Table, long? After, string AppId, IReadOnlyList<DataFile> Files)
{
    /// <summary>Whether the rows carry <c>_change_type</c>: those of <see cref="NewInput.Files"/> that are not in <see cref="Removed"/> came, those of
    /// <see cref="Removed"/> that are not in <see cref="NewInput.Files"/> went.</summary>
    public bool HasChanges { get; init; }

    /// <summary>Files that the table had after <see cref="After"/> and has no more; with <see cref="HasChanges"/>.</summary>
    public IReadOnlyList<DataFile> Removed { get; init; } = [];

    /// <summary>Versions whose commits removed or rewrote rows and were passed over.</summary>
    public IReadOnlyList<long> Passed { get; init; } = [];
}
