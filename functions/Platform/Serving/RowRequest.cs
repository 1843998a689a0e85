using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;

namespace DataPlatform.Serving;

/// <summary>What a caller of a rows route asks for.</summary>
/// <param name="Cursor">Where the page before ended; it has the version, too.</param>
public sealed record RowRequest(QueryText Text, RowFormat Format, TableVersionRequest Version, RowCursor? Cursor = null);
