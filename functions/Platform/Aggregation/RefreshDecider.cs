using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Decides whether the touched partitions of a mart can be computed alone, and mounts in the session what is to be read.</summary>
public sealed class RefreshDecider(CatalogStore catalog, SqlInspector inspector, TouchedPartitions touched)
{
    private const string Mart = "_mart";

    /// <param name="current">The mart as it is; null when it has no data yet.</param>
    /// <param name="smallFile">Bytes below which a file is taken along with its neighbour.</param>
    internal async Task<RefreshDecision> DecideAsync(
        SqlSession session, RefreshPlan plan, MartDefinition definition, Snapshot source, Snapshot? current, long smallFile, CancellationToken cancellationToken)
    {
        if (current is null)
            return await WholeAsync("It had no data yet.");
        if (plan.Wish is { All: true })
            return await WholeAsync("It was asked for.");
        if (await ReasonAsync(plan, definition, current, cancellationToken) is { } reason)
            return await WholeAsync(reason);

        // The types of the expressions are known without a row.
        await session.MountAsync(definition.Source, source, new MountOptions { Files = [] }, cancellationToken);
        if (await touched.FindAsync(session, definition, current.Transactions[plan.SourceAppId], source, cancellationToken) is { } hidden)
            return await WholeAsync(hidden);
        await session.MountAsync(Mart, current, new MountOptions { SystemColumns = true }, cancellationToken);
        if (plan.Wish is { } wish)
            await TouchedPartitions.AddAsync(session, definition, wish, Mart, cancellationToken);
        var query = await MartCompiler.CompileAsync(session, definition, TouchedPartitions.Relation, cancellationToken);
        var columns = (await session.DescribeAsync(query.Select, cancellationToken)).Select(column => DeltaTypes.FromSql(column.Name, column.Type).Column);
        if (!columns.Select(column => (column.Name, column.Type)).SequenceEqual(current.Columns.Select(column => (column.Name, column.Type))))
            return await WholeAsync($"Columns of '{plan.Source.Name}' have other types than before.");

        var (some, all) = await CountAsync(session, definition, cancellationToken);
        if (some == 0)
            return new RefreshDecision(RefreshExtent.Nothing, Select: null, Reason: null, Partitions: 0, [], RowsKept: 0);
        return some > all / 2
            ? await WholeAsync(string.Create(CultureInfo.InvariantCulture, $"{some} of {all} partitions are touched."))
            : await PartialAsync(session, definition, source, current, query, some, smallFile, cancellationToken);

        async Task<RefreshDecision> WholeAsync(string why)
        {
            await session.MountAsync(definition.Source, source, options: null, cancellationToken);
            var whole = await MartCompiler.CompileAsync(session, definition, touched: null, cancellationToken);
            return new RefreshDecision(RefreshExtent.Whole, whole.Select, why, Partitions: null, current?.Files ?? [], RowsKept: 0);
        }
    }

    /// <returns>Why the mart cannot be the beginning of the new one; null when it can.</returns>
    private async Task<string?> ReasonAsync(RefreshPlan plan, MartDefinition definition, Snapshot current, CancellationToken cancellationToken)
    {
        if (definition.PartitionBy.Count == 0)
            return "It has no 'partitionBy'.";
        if (!current.Transactions.TryGetValue(plan.DefinitionAppId, out var computed))
            return "Its commits do not tell its definition.";
        if (computed != plan.DefinitionVersion && !IsSame(definition, (await catalog.GetAsync<MartDefinition>(plan.Mart, computed, cancellationToken)).Definition))
            return "Its definition has changed.";
        if (!RefreshPlan.HasColumns(current, definition))
            return "An earlier release did not store all that this one does.";
        return current.Transactions.ContainsKey(plan.SourceAppId) ? null : $"'{plan.Source.Name}' is another table than before.";
    }

    /// <summary>Whether two definitions compute the same.</summary>
    private static bool IsSame(MartDefinition one, MartDefinition other) =>
        one.Source == other.Source && one.Filter == other.Filter
        && one.Dimensions.Select(Plain).SequenceEqual(other.Dimensions.Select(Plain))
        && one.Measures.Select(Plain).SequenceEqual(other.Measures.Select(Plain))
        && one.PartitionBy.SequenceEqual(other.PartitionBy);

    private static DimensionDefinition Plain(DimensionDefinition dimension) => dimension with { Description = null };

    private static MeasureDefinition Plain(MeasureDefinition measure) => measure with { Description = null };

    /// <returns>Touched partitions, and all there are with these.</returns>
    private static async Task<(long Touched, long All)> CountAsync(SqlSession session, MartDefinition definition, CancellationToken cancellationToken)
    {
        var touched = await CountRowsAsync(session, $"SELECT * FROM {TouchedPartitions.Relation}", cancellationToken);
        if (touched == 0)
            return (0, 0);
        var names = SqlText.Identifiers(definition.PartitionBy);
        return (touched, await CountRowsAsync(session, $"SELECT {names} FROM {Mart} UNION SELECT {names} FROM {TouchedPartitions.Relation}", cancellationToken));
    }

    private async Task<RefreshDecision> PartialAsync(
        SqlSession session, MartDefinition definition, Snapshot source, Snapshot current, MartQuery query, long partitions, long smallFile, CancellationToken cancellationToken)
    {
        var first = definition.PartitionBy[0];
        var type = (await session.DescribeAsync($"SELECT {SqlText.Identifier(first)} FROM {TouchedPartitions.Relation}", cancellationToken))[0].Type;
        var rewritten = await MartFiles.FindTouchedAsync(session, current, first, type, smallFile, cancellationToken);
        await session.MountAsync(Mart, current, new MountOptions { Files = rewritten, SystemColumns = true }, cancellationToken);
        var same = MartCompiler.Same(definition.PartitionBy.Select(name => (name, $"{Mart}.{SqlText.Identifier(name)}")), TouchedPartitions.Relation);
        var kept = $"FROM {Mart} ANTI JOIN {TouchedPartitions.Relation} ON {same}";
        await SourceScan.MountTouchedAsync(
            session, definition.Source, source, await PartitionSource.FindAsync(inspector, definition, source, cancellationToken), cancellationToken);
        var names = SqlText.Identifiers(current.Columns.Select(column => column.Name));
        return new RefreshDecision(
            RefreshExtent.Partitions, $"SELECT {names} FROM ({query.Select}) UNION ALL SELECT {names} {kept}", Reason: null, partitions, rewritten,
            await CountRowsAsync(session, $"SELECT 1 {kept}", cancellationToken));
    }

    private static async Task<long> CountRowsAsync(SqlSession session, string select, CancellationToken cancellationToken) =>
        (await session.ReadAsync($"SELECT count(*) FROM ({select})", [], reader => reader.GetInt64(0), cancellationToken))[0];
}
