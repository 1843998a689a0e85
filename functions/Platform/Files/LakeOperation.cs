using System.Text.Json.Serialization;
using DataPlatform.Operations;

namespace DataPlatform.Files;

/// <summary>A folder that is copied, moved or deleted object by object. Its row is the request: once it is there, the orchestration of the same id is
/// scheduled, if need be by a timer.</summary>
/// <param name="Id"><c>lake-{yyyyMMddHHmmssfff}-{8 hex}</c>, also of its orchestration.</param>
/// <param name="Source">Address of the folder that is copied or moved; null of a delete.</param>
/// <param name="Target">Address of the folder that comes to be, or is deleted.</param>
/// <param name="Copied">Objects at the target so far.</param>
/// <param name="CopiedBytes">Their bytes.</param>
/// <param name="Deleted">Objects deleted so far; of a move, at the source.</param>
/// <param name="IsCopied">Of a move: all copies are made, so that the source is deleted now.</param>
/// <param name="After">The last address of the source (of a delete: the target) that was seen to; null before the first.</param>
public sealed record LakeOperation(
    string Id,
    LakeOperationKind Operation,
    string? Source,
    string Target,
    string Caller,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))] RunStatus Status,
    DateTimeOffset Created,
    long Copied = 0,
    long CopiedBytes = 0,
    long Deleted = 0,
    bool IsCopied = false,
    string? After = null,
    DateTimeOffset? Ended = null,
    RunFailure? Error = null)
{
    [JsonIgnore]
    public bool HasEnded => Ended is not null;
}
