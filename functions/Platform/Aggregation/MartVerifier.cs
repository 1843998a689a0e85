using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Compares a mart with a full recomputation from the very versions that it holds.</summary>
public sealed class MartVerifier(MartSources sources, SqlEngine engine, MartCompiler compiler)
{
    /// <summary>The most differing partitions that are named.</summary>
    public const int MostPartitions = 100;

    private const string Mart = "_mart";
    private const string Whole = "_recomputed";
    private const string Difference = "_differing";

    /// <inheritdoc cref="MartSources.FindHeldAsync" path="/exception"/>
    public async Task<MartVerification> VerifyAsync(string mart, CancellationToken cancellationToken)
    {
        var (definition, definitionVersion, current, source) = await sources.FindHeldAsync(mart, cancellationToken);
        await compiler.InspectAsync(definition, cancellationToken);
        await using var session = await engine.OpenAsync(cancellationToken);
        await session.MountAsync(definition.Source, source, options: null, cancellationToken);
        await session.MountAsync(Mart, current, new MountOptions { SystemColumns = true }, cancellationToken);
        return await MartRefresher.NamedAsync(mart, async () =>
        {
            var query = await MartCompiler.CompileAsync(session, definition, touched: null, cancellationToken);
            await session.ExecuteAsync($"CREATE TEMP TABLE {Whole} AS {query.Select}", cancellationToken);
            return await CompareAsync(session, definition, definitionVersion, current, source.Version, cancellationToken);
        });
    }

    private static async Task<MartVerification> CompareAsync(
        SqlSession session, MartDefinition definition, long definitionVersion, Snapshot current, long sourceVersion, CancellationToken cancellationToken)
    {
        var groups = SqlText.Identifiers(definition.Dimensions.Select(dimension => dimension.Name));
        var values = current.Columns.Where(column => definition.Dimensions.All(dimension => dimension.Name != column.Name)).ToList();
        var partitions = definition.PartitionBy.Count > 0 ? definition.PartitionBy : [.. definition.Dimensions.Select(dimension => dimension.Name)];
        var names = SqlText.Identifiers(current.Columns.Select(column => column.Name));
        await session.ExecuteAsync(
            $"""
            CREATE TEMP TABLE {Difference} AS SELECT {groups}
            FROM (SELECT true AS "_held", {names} FROM {Mart} UNION ALL SELECT false AS "_held", {names} FROM {Whole})
            GROUP BY {groups}
            HAVING count(*) FILTER (WHERE "_held") <> 1 OR count(*) FILTER (WHERE NOT "_held") <> 1{string.Concat(values.Select(column => $" OR {Differs(column)}"))}
            """,
            cancellationToken);
        var counts = await session.ReadAsync(
            $"""
            SELECT (SELECT count(*) FROM {Mart}), (SELECT count(*) FROM {Whole}), (SELECT count(*) FROM {Difference}),
                (SELECT count(*) FROM (SELECT DISTINCT {SqlText.Identifiers(partitions)} FROM {Difference}))
            """,
            [],
            reader => (Rows: reader.GetInt64(0), Computed: reader.GetInt64(1), Differing: reader.GetInt64(2), Partitions: reader.GetInt64(3)),
            cancellationToken);
        var (rows, computed, differing, count) = counts[0];
        return new MartVerification(
            differing == 0, current.Version, sourceVersion, definitionVersion, rows, computed, differing, count,
            await TouchedPartitions.ReadAsync(session, Difference, partitions, MostPartitions, cancellationToken));
    }

    private static string Differs(TableColumn column)
    {
        var name = SqlText.Identifier(column.Name);
        var (held, whole) = ($"any_value({name}) FILTER (WHERE \"_held\")", $"any_value({name}) FILTER (WHERE NOT \"_held\")");
        var differs = $"{held} IS DISTINCT FROM {whole}";
        return column.Type is "double" or "float"
            ? string.Create(CultureInfo.InvariantCulture, $"({differs} AND (abs({held} - {whole}) <= 1e-12 * greatest(abs({held}), abs({whole}))) IS NOT TRUE)")
            : differs;
    }
}
