using DataPlatform.Serving.Queries;
using DataPlatform.Serving.TableReading;

namespace DataPlatform.Serving.OData;

/// <summary>What a caller asks of <c>/odata</c>.</summary>
/// <param name="Format"><c>$format</c>.</param>
/// <param name="PageSize">Rows of a page.</param>
/// <param name="Preferred">Whether the caller asked for that many.</param>
/// <param name="Cursor">Where the page before ended; it has the version, too.</param>
internal sealed record ODataRequest(ODataPath Path, QueryText Text, string? Format, int PageSize, bool Preferred, RowCursor? Cursor);
