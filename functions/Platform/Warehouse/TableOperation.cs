using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Warehouse;

/// <summary>One execution of something done to a table; its partition has the table's name.</summary>
/// <param name="Since">The table version at which it was asked for.</param>
/// <param name="Result">What it did so far, or in all.</param>
public sealed record TableOperation(
    TableKind Kind,
    string Table,
    TableOperationRequest Request,
    long Since,
    JsonNode? Result = null) : RequestedOperation
{
    /// <summary>The row table.</summary>
    internal const string RowTable = "tableoperations";

    [JsonIgnore]
    public TableName Name => new(Kind, Table);
}
