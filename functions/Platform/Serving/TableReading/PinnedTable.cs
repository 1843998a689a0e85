using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Serving.Queries;
using DataPlatform.Serving.Queries.Apply;
using DataPlatform.Tables;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Serving.TableReading;

/// <summary>A table at the version that a request reads.</summary>
public sealed record PinnedTable(ServedTable Table, Snapshot Snapshot)
{
    /// <summary>The columns that may be asked for by name. The same list each time, for the same version.</summary>
    public IReadOnlyList<TableColumn> Columns => Table.ColumnsOf(Snapshot);

    /// <summary>When the version was committed, as answers tell it.</summary>
    public string AsOf => Snapshot.Timestamp.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Understands a query over this version.</summary>
    /// <exception cref="Failures.TerminalException">400, 409 <c>MartOutdated</c>, 501.</exception>
    public TableQuery Parse(QueryParser parser, QueryText text) =>
        parser.Parse(Columns, text, Table.Mart is { } mart ? new MartMeasures(mart, Snapshot.Columns) : null);

    /// <summary>The entity tag of an answer, with its quotes. It names everything that the answer's content follows from. Weak, since compression may change
    /// the bytes.</summary>
    /// <param name="representation">What the door makes of the rows: its name, the format, and options that change what is written.</param>
    /// <param name="query">The query's text, whole.</param>
    public string ETag(string representation, string query, RowFilter? filter = null)
    {
        var source = $"{Snapshot.TableId}\n{Snapshot.Version}\n{Table.DefinitionVersion}\n{representation}\n{filter?.Text}\n{query}";
        return string.Create(
            CultureInfo.InvariantCulture, $"W/\"{Snapshot.Version}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)).AsSpan(0, 12))}\"");
    }

    /// <summary>Says which data an answer is of: <c>Data-Version</c>, <c>Data-As-Of</c> and, when it is known, <c>Data-Stale</c>.</summary>
    public void SetHeaders(IHeaderDictionary headers, bool? isStale = null)
    {
        headers["Data-Version"] = Snapshot.Version.ToString(CultureInfo.InvariantCulture);
        headers["Data-As-Of"] = AsOf;
        if (isStale is { } stale)
            headers["Data-Stale"] = stale ? "true" : "false";
    }
}
