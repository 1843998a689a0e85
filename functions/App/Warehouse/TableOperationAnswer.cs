using System.Text.Json.Nodes;
using DataPlatform.Warehouse;

namespace DataPlatform.App.Warehouse;

/// <summary>What a dry run answers.</summary>
internal sealed record TableOperationAnswer(string Table, TableOperationRequest Request, JsonNode Result);
