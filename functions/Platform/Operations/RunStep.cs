using System.Text.Json.Serialization;

namespace DataPlatform.Operations;

/// <summary>A step of a run.</summary>
public sealed record RunStep
{
    public required string Name { get; init; }

    /// <summary>The table it writes.</summary>
    public required string Target { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
    public RunStatus Status { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Rows of the <c>new.</c> sources; null when it has none or a file came without statistics.</summary>
    public long? RowsIn { get; init; }

    /// <summary>Rows its query gave.</summary>
    public long? RowsOut { get; init; }

    /// <summary>Of a merge: rows with keys that the target did not have.</summary>
    public long? RowsInserted { get; init; }

    /// <summary>Of a merge: rows of the target that were replaced.</summary>
    public long? RowsReplaced { get; init; }

    /// <summary>Of a merge: rows of the target that were deleted by their key.</summary>
    public long? RowsDeleted { get; init; }

    /// <summary>Rows of the <c>new.</c> source that found no partner in inner joins, and so are not in the result; null when that is not told.</summary>
    public long? RowsWithoutMatch { get; init; }

    /// <summary>Rows of the result that broke an expectation and are kept beside the run; null when there are none.</summary>
    public long? RowsQuarantined { get; init; }

    /// <summary>True when the step read everything and replaced its target.</summary>
    public bool FullRefresh { get; init; }

    /// <summary>The version of the target that holds its result.</summary>
    public long? TableVersion { get; init; }

    public IReadOnlyList<RunInput> Inputs { get; init; } = [];

    public IReadOnlyList<RunExpectation> Expectations { get; init; } = [];

    /// <summary>Activities the step is spread over; 0 while it is not planned.</summary>
    public int Groups { get; init; }

    /// <summary>Which of them are done.</summary>
    public IReadOnlyList<int> GroupsDone { get; init; } = [];

    /// <summary>The instances of the app that worked on them.</summary>
    public IReadOnlyList<string> Instances { get; init; } = [];

    /// <summary>Rows that the groups done have staged.</summary>
    public long? RowsStaged { get; init; }

    /// <summary>The run that did it, when this one goes on with that one's work.</summary>
    public string? TakenFrom { get; init; }

    /// <summary>When its commit began, from when on it is brought to its end; null before.</summary>
    public DateTimeOffset? CommitStarted { get; init; }

    /// <summary>What else there is to say, such as why it was skipped.</summary>
    public string? Note { get; init; }
}
