using System.Collections.Concurrent;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Sql.Lineage;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>Column lineage of statements, kept: the same statement over the same columns always has the same.</summary>
public sealed class ColumnLineages(SqlLineage lineage)
{
    private const int MostKept = 1_000;

    private readonly ConcurrentDictionary<string, QueryLineage> _known = new(StringComparer.Ordinal);

    /// <param name="columns">By table name; null for a table whose columns are not known.</param>
    public async Task<QueryLineage> ReadAsync(
        TableWriter writer, IReadOnlyDictionary<string, IReadOnlyList<string>?> columns, CancellationToken cancellationToken)
    {
        var key = string.Join(
            '\n',
            columns.OrderBy(table => table.Key, StringComparer.Ordinal)
                .Select(table => $"{table.Key}:{(table.Value is { } known ? string.Join(',', known) : "?")}")
                .Prepend($"{writer.ReadsChanges} {writer.Sql}"));
        if (_known.TryGetValue(key, out var kept))
            return kept;

        QueryLineage result;
        try
        {
            result = await lineage.ReadAsync(writer.Sql, Columns, "sql", cancellationToken);
        }
        catch (TerminalException exception) when (exception.Code == SqlInspector.ErrorCode)
        {
            var unknown = Flow.NotKnown("the SQL cannot be read by the engine of today");
            result = new QueryLineage([], unknown, _ => unknown);
        }

        if (_known.Count >= MostKept)
            _known.Clear();
        return _known[key] = result;

        IReadOnlyList<string>? Columns(TableReference table) => columns.GetValueOrDefault(table.Name) is not { } known ? null
            : table.IsNew && writer.ReadsChanges ? [.. known, SystemColumns.ChangeType]
            : known;
    }
}
