using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Serving.Queries;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Serving.TableReading;

/// <summary>
/// How every door reads: it pins a table's version, answers by the entity tag if it can, parses its query against the version's columns, opens the rows
/// and writes them in its own way.
/// </summary>
/// <param name="hot">Null reads files only.</param>
public sealed class TableReads(TableVersions versions, [FromKeyedServices(SqlEngine.Serving)] SqlEngine engine, HotMarts? hot = null)
{
    private const string Relation = "rows";

    /// <summary>Opens no session and no file.</summary>
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>, <c>TableEmpty</c>, <c>TableVersionNotFound</c>, <c>TableVersionGone</c>.</exception>
    public async Task<PinnedTable> PinAsync(ServedTable table, TableVersionRequest version, CancellationToken cancellationToken) =>
        new(table, await versions.ResolveAsync(table, version, cancellationToken));

    /// <summary>Pins and opens; the query must have been parsed against the columns of that version.</summary>
    /// <inheritdoc cref="OpenAsync(PinnedTable, TableQuery, ReadOptions, CancellationToken)"/>
    public async Task<TableRows> OpenAsync(
        ServedTable table, TableVersionRequest version, TableQuery query, ReadOptions options, CancellationToken cancellationToken) =>
        await OpenAsync(await PinAsync(table, version, cancellationToken), query, options, cancellationToken);

    /// <summary>Runs a query over the files of one version.</summary>
    /// <param name="query">Parsed against <see cref="PinnedTable.Columns"/>.</param>
    /// <exception cref="TerminalException"><c>TableVersionGone</c>; <c>SqlError</c>, <c>SqlOutOfMemory</c>.</exception>
    public async Task<TableRows> OpenAsync(PinnedTable table, TableQuery query, ReadOptions options, CancellationToken cancellationToken)
    {
        var plan = ReadPlan.Of(table, query, options, Relation);
        var session = await engine.OpenReaderAsync(cancellationToken);
        try
        {
            // A place that rows are counted from may rest on files that were left out.
            var relation = plan.ByKeys ? Hot(session, table.Snapshot) : null;
            return await OverAsync(session, table.Snapshot, relation, plan.CountFiles, plan.Files, async (view, all) =>
            {
                var count = query.Count ? await CountAsync(session, all, query, options.Filter, cancellationToken) : (long?)null;
                var cursor = await session.QueryAsync(view + plan.Page.Sql.Text, plan.Page.Sql.Parameters, cancellationToken);
                return new TableRows(session, cursor, table, query.Select, plan) { Count = count };
            }, cancellationToken);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many rows pass the query's filter.</summary>
    /// <inheritdoc cref="OpenAsync(PinnedTable, TableQuery, ReadOptions, CancellationToken)"/>
    public async Task<long> CountAsync(PinnedTable table, TableQuery query, RowFilter? filter, CancellationToken cancellationToken)
    {
        var files = FileChoice.Choose(table.Snapshot, [filter?.Condition, .. query.RowConditions]);
        await using var session = await engine.OpenReaderAsync(cancellationToken);
        return await OverAsync(
            session, table.Snapshot, Hot(session, table.Snapshot), files, files, (view, _) => CountAsync(session, view, query, filter, cancellationToken), cancellationToken);
    }

    /// <summary>Writes all rows of a query to a Parquet file.</summary>
    /// <param name="folder">The file's, which nothing else is in.</param>
    /// <returns>The number of all rows when the query asks for it.</returns>
    internal async Task<long?> CopyAsync(
        PinnedTable table, TableQuery query, RowFilter? filter, string folder, string path, TemporaryDisk disk, CancellationToken cancellationToken)
    {
        var files = ReadPlan.FilesOf(table, query, filter);
        var rows = QueryPlanner.File(query, Relation, RowIdentity.OrAll(table, query), filter?.Condition);
        await using var session = await engine.OpenReaderAsync(cancellationToken);
        return await OverAsync(session, table.Snapshot, hot: null, files, files, async (view, _) =>
        {
            await disk.WatchAsync(
                folder,
                async token =>
                {
                    await session.ExecuteAsync($"COPY ({view}{rows.Text}) TO {SqlText.Literal(path)} (FORMAT parquet, COMPRESSION zstd)", rows.Parameters, token);
                    return true;
                },
                cancellationToken);
            return query.Count ? await CountAsync(session, view, query, filter, cancellationToken) : (long?)null;
        }, cancellationToken);
    }

    private static async Task<long> CountAsync(SqlSession session, string view, TableQuery query, RowFilter? filter, CancellationToken cancellationToken)
    {
        var planned = QueryPlanner.Count(query, Relation, filter?.Condition);
        return (await session.ReadAsync(view + planned.Text, planned.Parameters, reader => reader.GetInt64(0), cancellationToken))[0];
    }

    /// <returns>What stands before the SQL of queries when the version is in memory.</returns>
    private string? Hot(SqlSession session, Snapshot snapshot)
    {
        if (hot?.TryLease(snapshot) is not { } lease)
            return null;
        session.Keep(lease);
        return $"WITH {SqlText.Identifier(Relation)} AS NOT MATERIALIZED (FROM {lease.Name}) ";
    }

    /// <param name="hot">What <paramref name="run"/> is given if the version is in memory; null reads the files.</param>
    /// <param name="all">Leased together, for nothing may be taken away between two queries.</param>
    /// <param name="run">Given what stands before the SQL of queries over the files, and of those over all. The columns that marts store for their measures are there; that no caller names them is
    /// for the parser.</param>
    private static async Task<T> OverAsync<T>(
        SqlSession session,
        Snapshot snapshot,
        string? hot,
        IReadOnlyList<DataFile> all,
        IReadOnlyList<DataFile> files,
        Func<string, string, Task<T>> run,
        CancellationToken cancellationToken)
    {
        if (hot is not null)
            return await run(hot, hot);
        IReadOnlyList<string> local = [];
        try
        {
            local = await session.LeaseAsync(snapshot.Table, all, cancellationToken);
            var view = View(snapshot, all, local);
            if (ReferenceEquals(files, all))
                return await run(view, view);
            var places = all.Zip(local).ToDictionary(pair => pair.First.Path, pair => pair.Second, StringComparer.Ordinal);
            return await run(View(snapshot, files, [.. files.Select(file => places[file.Path])]), view);
        }
        catch (ObjectNotFoundException exception)
        {
            throw Gone(snapshot, exception);
        }
        catch (TransientException exception) when (local.Any(path => !File.Exists(path)))
        {
            // Files of a folder store are read in place.
            throw Gone(snapshot, exception);
        }
    }

    private static TerminalException Gone(Snapshot snapshot, Exception cause) => new(
        FailureKind.Gone,
        "TableVersionGone",
        $"Files of version {snapshot.Version} of table '{snapshot.Table}' are no longer there. Start again without version.",
        "version",
        innerException: cause);

    private static string View(Snapshot snapshot, IReadOnlyList<DataFile> files, IReadOnlyList<string> local)
    {
        var options = new MountOptions { Files = files, Instants = true, SystemColumns = true };
        return $"WITH {SqlText.Identifier(Relation)} AS NOT MATERIALIZED ({SqlSession.RelationOf(snapshot, options, local)}) ";
    }
}
