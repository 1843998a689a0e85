using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Finds which partitions of a mart the commits of its source touched.</summary>
public sealed class TouchedPartitions(DeltaTables tables, IObjectStore store)
{
    /// <summary>The table of the session that <see cref="FindAsync"/> makes: the columns of <see cref="MartDefinition.PartitionBy"/>, a row for each partition.</summary>
    internal const string Relation = "_touched";

    private const string Came = "_came";
    private const string Went = "_went";

    /// <summary>Leaves them in a table of the session.</summary>
    /// <param name="session">Has the source at its new version, under its name.</param>
    /// <param name="mart">Has <see cref="MartDefinition.PartitionBy"/>.</param>
    /// <param name="after">The source's version that the mart holds.</param>
    /// <param name="source">The source at its new version.</param>
    /// <returns>Null when they were found, else why the source does not tell: then the mart is to be computed whole.</returns>
    public async Task<string?> FindAsync(SqlSession session, MartDefinition mart, long after, Snapshot source, CancellationToken cancellationToken)
    {
        SourceFiles files;
        try
        {
            var table = tables.Get(source.Table);
            if (await table.TryGetSnapshotAsync(after, cancellationToken) is not { } before || before.TableId != source.TableId)
                return $"'{source.Table.Name}' is another table than before.";
            files = new SourceFiles(before.Files);
            await foreach (var commit in table.ReadCommitsAsync(after, source.Version, cancellationToken))
                files.Apply(commit);
        }
        catch (TerminalException gone) when (gone.Kind is FailureKind.Gone)
        {
            return $"The log of '{source.Table.Name}' does not reach back to version {after}, which the mart holds.";
        }

        // Files that went are kept for the mart, but not for one that a restore puts further back.
        foreach (var file in files.Removed)
        {
            if (await store.GetInfoAsync(DataFiles.Locate(source.Table, file), cancellationToken) is null)
                return $"Files that '{source.Table.Name}' had at version {after}, which the mart holds, are deleted (vacuum).";
        }

        await session.MountAsync(Came, source, new MountOptions { Files = files.Added }, cancellationToken);
        await session.MountAsync(Went, source, new MountOptions { Files = files.Removed }, cancellationToken);
        var select = await MartCompiler.DifferenceAsync(session, mart, Came, files.Removed.Count == 0 ? null : Went, cancellationToken);
        await session.ExecuteAsync($"CREATE OR REPLACE TEMP TABLE {SqlText.Identifier(Relation)} AS {select}", cancellationToken);
        return null;
    }

    /// <summary>Adds the partitions that a refresh is asked to compute.</summary>
    /// <param name="held">View of the mart.</param>
    /// <exception cref="TerminalException"><c>InvalidPartition</c>: a value is none of its column.</exception>
    public static async Task AddAsync(SqlSession session, MartDefinition mart, RefreshWish wish, string held, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var partition in wish.Partitions ?? [])
            {
                await session.ExecuteAsync(
                    $"INSERT INTO {Relation} SELECT {string.Join(", ", mart.PartitionBy.Select((_, i) => $"${i + 1}"))}", [.. mart.PartitionBy.Select(name => partition[name])], cancellationToken);
            }

            var names = SqlText.Identifiers(mart.PartitionBy);
            if (wish is { From: { } from, To: { } to })
            {
                var (type, first) = ((await session.DescribeAsync($"SELECT {names} FROM {Relation}", cancellationToken))[0].Type, SqlText.Identifier(mart.PartitionBy[0]));
                await session.ExecuteAsync(
                    $"INSERT INTO {Relation} SELECT DISTINCT {names} FROM {held} WHERE {first} >= CAST($1 AS {type}) AND {first} < CAST($2 AS {type})", [from, to], cancellationToken);
            }

            await session.ExecuteAsync($"CREATE OR REPLACE TEMP TABLE {Relation} AS SELECT DISTINCT * FROM {Relation}", cancellationToken);
        }
        catch (TerminalException fault) when (fault.Code == "SqlError")
        {
            throw new TerminalException(
                FailureKind.Invalid, "InvalidPartition", $"A value that names a partition of '{mart.Name}' is none of {string.Join(", ", mart.PartitionBy)}: write it as the mart's rows have it.", "$.partitions");
        }
    }

    /// <summary>Partitions as text.</summary>
    public static Task<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadAsync(
        SqlSession session, string relation, IReadOnlyList<string> columns, int most, CancellationToken cancellationToken) =>
        session.ReadAsync<IReadOnlyDictionary<string, string?>>(
            $"SELECT COLUMNS(*)::VARCHAR FROM (SELECT DISTINCT {SqlText.Identifiers(columns)} FROM {relation} ORDER BY ALL LIMIT {most})",
            [],
            reader => columns.Select((name, i) => (name, Value: reader.IsDBNull(i) ? null : reader.GetString(i))).ToDictionary(pair => pair.name, pair => pair.Value, StringComparer.Ordinal),
            cancellationToken);
}
