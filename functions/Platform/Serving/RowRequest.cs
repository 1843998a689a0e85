using DataPlatform.Serving.Queries;

namespace DataPlatform.Serving;

/// <summary>What a caller of a rows route asks for.</summary>
public sealed record RowRequest(QueryText Text, RowFormat Format, TableVersionRequest Version);
