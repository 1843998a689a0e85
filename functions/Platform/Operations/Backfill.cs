using System.Globalization;
using System.Text.Json.Serialization;
using DataPlatform.Tables;

namespace DataPlatform.Operations;

/// <summary>Rows of a source that a pipeline has not read, read in slices: one run a slice. They commit one after another in the order of the versions;
/// how many of them are computed side by side is <see cref="Parallelism"/>.</summary>
public sealed record Backfill
{
    public required string Id { get; init; }

    public required string Pipeline { get; init; }

    /// <summary>Of the pipeline; all slices execute this one.</summary>
    public required long DefinitionVersion { get; init; }

    /// <summary>The table that is read.</summary>
    public required string Source { get; init; }

    public required IReadOnlyList<BackfillSlice> Slices { get; init; }

    /// <summary>Slices that are computed at one time. The first goes alone: it may have to make the targets.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>Tables that are read whole and that the pipeline does not write; slices pin them in their order, or an older one could be behind a newer one.</summary>
    public IReadOnlyList<TableName> Whole { get; init; } = [];

    [JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
    public RunStatus Status { get; init; }

    public required string Caller { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>How many slices are committed, counted from the first.</summary>
    public int SlicesDone { get; init; }

    /// <summary>Source rows of the slices done.</summary>
    public long RowsDone { get; init; }

    /// <summary>Who wants it to end; null while nobody does.</summary>
    public RunCancel? CancelRequested { get; init; }

    /// <summary>How the slice that did not succeed ended.</summary>
    public RunFailure? Error { get; init; }

    /// <summary>The run of the slice that is under way, or was the last.</summary>
    public string? Run { get; init; }

    [JsonIgnore]
    public bool HasEnded => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Canceled;

    /// <summary>The id of a slice's run: whoever looks derives the same, so there is one.</summary>
    internal string RunOf(int slice) =>
        RunId.Derive(Pipeline, Created + TimeSpan.FromMilliseconds(slice), string.Create(CultureInfo.InvariantCulture, $"backfill\n{Id}\n{slice}"));
}
