using System.Text.Json.Serialization;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A replay that was asked for, as its row has it.</summary>
public sealed record Replay
{
    /// <summary>Also the orchestration's instance id.</summary>
    public required string Id { get; init; }

    public required string Dataset { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<ReplayStatus>))]
    public ReplayStatus Status { get; init; }

    /// <summary>What was asked for; its patch names the contract's version.</summary>
    public required ReplayRequest Request { get; init; }

    /// <summary>Whether the request itself named the contract's version: then files are read in that contract's dialect.</summary>
    public bool NamesVersion { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string Caller { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public RunFailure? Error { get; init; }

    [JsonIgnore]
    public bool HasEnded => Status is ReplayStatus.Succeeded or ReplayStatus.Failed;
}
