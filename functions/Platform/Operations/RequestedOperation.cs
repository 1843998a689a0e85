using System.Text.Json.Serialization;

namespace DataPlatform.Operations;

/// <summary>Something long that was asked for. Its row is the request: once it is there, the orchestration of the same id is scheduled, if need be by a
/// timer.</summary>
public abstract record RequestedOperation
{
    /// <summary><c>{partition}-{yyyyMMddHHmmssfff}-{8 hex}</c>, also of its orchestration.</summary>
    public required string Id { get; init; }

    public required string Caller { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))]
    public RunStatus Status { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>Who wants it to end; null while nobody does.</summary>
    public RunCancel? CancelRequested { get; init; }

    public DateTimeOffset? Ended { get; init; }

    public RunFailure? Error { get; init; }

    [JsonIgnore]
    public bool HasEnded => Ended is not null;
}
