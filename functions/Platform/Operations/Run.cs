using System.Text.Json.Serialization;
using DataPlatform.Catalog;

namespace DataPlatform.Operations;

/// <summary>One execution of a pipeline or one refresh of a mart, as its row has it. What it did is in the logs of the tables it wrote;
/// this is what people ask for.</summary>
public sealed record Run
{
    /// <summary>Also the orchestration's instance id.</summary>
    public required string Id { get; init; }

    public required RunKind Kind { get; init; }

    /// <summary>Of the pipeline or mart.</summary>
    public required string Name { get; init; }

    /// <summary>Of the pipeline or mart when the run was asked for; the run executes this one.</summary>
    public required long DefinitionVersion { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
    public RunStatus Status { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string Caller { get; init; }

    /// <summary>What started it; null when a request did.</summary>
    public RunTrigger? Trigger { get; init; }

    /// <summary>The run whose failed steps this one does again, on the same pins; null for others.</summary>
    public string? Parent { get; init; }

    /// <summary>The values of its parameters: until it begins those that were given, then all; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Parameters { get; init; }

    /// <summary>Steps that read all of their sources again and replace their targets; null for none.</summary>
    public IReadOnlyList<string>? FullRefresh { get; init; }

    /// <summary>Of a mart's refresh: what it was asked to compute besides what changed; null for nothing.</summary>
    public RefreshWish? Refresh { get; init; }

    /// <summary>Of a refresh that was to verify the mart: what it found.</summary>
    public MartVerification? Verification { get; init; }

    /// <summary>Versions at which it reads tables; those that are not here it reads at the newest. Null for none.</summary>
    public IReadOnlyDictionary<string, long>? PinAt { get; init; }

    /// <summary>Of slices that are computed side by side: sources with the version behind which their new rows begin, which the targets come to by the slices
    /// before. Such a run stages what it can and commits when it is its turn. Null for others.</summary>
    public IReadOnlyDictionary<string, long>? ReadAfter { get; init; }

    /// <summary>When such a run was let through to commit.</summary>
    public DateTimeOffset? Turn { get; init; }

    /// <summary>Who wants it to end; null while nobody does.</summary>
    public RunCancel? CancelRequested { get; init; }

    /// <summary>What it does while another run of the same name is under way.</summary>
    public RunConcurrency Concurrency { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public IReadOnlyList<RunStep> Steps { get; init; } = [];

    /// <summary>The tables it reads, at their versions when it began; null before.</summary>
    public IReadOnlyDictionary<string, long>? Pinned { get; init; }

    /// <summary>Where the plan it executes lies in the lake.</summary>
    public string? Plan { get; init; }

    public RunFailure? Error { get; init; }

    [JsonIgnore]
    public RunCause Cause => this switch
    {
        { Parent: not null } => RunCause.Retry,
        { Trigger: null } => RunCause.Request,
        { Trigger.Due: not null } => RunCause.Schedule,
        { Trigger.Changes: not null } => RunCause.Change,
        { Trigger.Backfill: not null } => RunCause.Backfill,
        _ => RunCause.After,
    };

    /// <summary>Whether others are to be let through before it can write.</summary>
    [JsonIgnore]
    public bool Waits => Status == RunStatus.NotStarted || (ReadAfter is not null && Turn is null && !HasEnded);

    [JsonIgnore]
    public bool HasEnded => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Canceled;
}
