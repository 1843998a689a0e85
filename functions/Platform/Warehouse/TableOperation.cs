using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Warehouse;

/// <summary>One execution of something done to a table. Its row is the request: once it is there, the orchestration of the same id is scheduled, if
/// need be by a timer.</summary>
/// <param name="Id"><c>{table}-{yyyyMMddHHmmssfff}-{8 hex}</c>, also of its orchestration.</param>
/// <param name="Since">The table version at which it was asked for.</param>
/// <param name="Result">What it did so far, or in all.</param>
public sealed record TableOperation(
    string Id,
    TableKind Kind,
    string Table,
    TableOperationRequest Request,
    string Caller,
    long Since,
    [property: JsonConverter(typeof(JsonStringEnumConverter<RunStatus>))] RunStatus Status,
    DateTimeOffset Created,
    DateTimeOffset? Ended = null,
    JsonNode? Result = null,
    RunFailure? Error = null)
{
    [JsonIgnore]
    public bool HasEnded => Ended is not null;

    [JsonIgnore]
    public TableName Name => new(Kind, Table);
}
