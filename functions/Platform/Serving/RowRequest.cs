using DataPlatform.Serving.Queries;

namespace DataPlatform.Serving;

/// <summary>What a caller of a rows route asks for.</summary>
/// <param name="Version">The table version to read; null for the newest.</param>
/// <param name="MinVersion">The newest one must be at least this, or the log is asked again; -1 for none.</param>
public sealed record RowRequest(QueryText Text, RowFormat Format, long? Version, long MinVersion);
