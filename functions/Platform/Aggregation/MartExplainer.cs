using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>Tells of one row of a mart how its numbers came about.</summary>
public sealed class MartExplainer(MartSources sources, DeltaTables tables, SqlEngine engine, SqlInspector inspector, TableLineage lineage)
{
    private const string Mart = "_mart";
    private const string File = "_file";

    /// <param name="group">A value, as text, or null for each dimension.</param>
    /// <exception cref="TerminalException"><c>RowNotFound</c>: the mart has no such row. <c>InvalidGroup</c>: a value is none of its dimension. <c>MartHasNoData</c>,
    /// <c>SourceHistoryLost</c>, <c>TableVersionGone</c>.</exception>
    public async Task<MartExplanation> ExplainAsync(string mart, IReadOnlyDictionary<string, string?> group, CancellationToken cancellationToken)
    {
        var (definition, version, current, source) = await sources.FindHeldAsync(mart, cancellationToken);
        IReadOnlyList<string> dimensions = [.. definition.Dimensions.Select(dimension => dimension.Name)];
        if (!dimensions.ToHashSet(StringComparer.Ordinal).SetEquals(group.Keys))
            throw new TerminalException(FailureKind.Conflict, "DefinitionReplaced", $"The mart '{mart}' was computed by an older definition, with other dimensions: refresh it first.", mart);
        var grouped = definition with { PartitionBy = dimensions };
        await using var session = await engine.OpenAsync(cancellationToken);
        await session.MountAsync(Mart, current, new MountOptions { SystemColumns = true }, cancellationToken);
        await PutGroupAsync(session, dimensions, group, cancellationToken);
        var same = MartCompiler.Same(dimensions.Select(name => (name, $"{Mart}.{SqlText.Identifier(name)}")), TouchedPartitions.Relation);
        IReadOnlyList<string> shown = [.. definition.PartitionBy, .. dimensions, .. definition.Measures.Select(measure => measure.Name)];
        var rows = await session.ReadAsync(
            $"SELECT {string.Join(", ", shown.Select(name => $"{Mart}.{SqlText.Identifier(name)}::VARCHAR"))} FROM {Mart} SEMI JOIN {TouchedPartitions.Relation} ON {same}",
            [],
            reader => shown.Select((_, i) => reader.IsDBNull(i) ? null : reader.GetString(i)).ToArray(),
            cancellationToken);
        if (rows.Count == 0)
            throw new TerminalException(FailureKind.NotFound, "RowNotFound", $"The mart '{mart}' has no row of this group: give the values as its rows have them.", mart);

        var row = rows[0];
        var partitionBy = definition.PartitionBy.Count;
        var measures = definition.Measures.Select((measure, i) => new ExplainedMeasure(measure.Name, SqlOf(measure), row[partitionBy + dimensions.Count + i]));
        var (files, batches) = await ContributingAsync(session, grouped, source, cancellationToken);
        await session.MountAsync(definition.Source, source, new MountOptions { Files = [] }, cancellationToken);
        var sql = (await MartCompiler.CompileAsync(session, definition, touched: null, cancellationToken)).Select;
        return new MartExplanation(
            mart, current.Version, version, definition.Source, source.Version,
            Values(dimensions, row[partitionBy..]), partitionBy == 0 ? null : Values(definition.PartitionBy, row), [.. measures], sql,
            [.. (await MartFilesAsync(session, definition, current, cancellationToken)).Select(file => DataFiles.Decode(file.Path))], files.Sum(file => file.Rows), files, batches);
    }

    /// <summary>What a measure is computed by, as its author would write it.</summary>
    internal static string SqlOf(MeasureDefinition measure)
    {
        var call = measure.Type switch
        {
            MeasureType.Ratio => $"{measure.Numerator} / {measure.Denominator}",
            MeasureType.CountDistinct => $"count(DISTINCT {measure.Sql})",
            MeasureType.Quantile => string.Create(CultureInfo.InvariantCulture, $"quantile_cont({measure.Sql}, {measure.Q})"),
            _ => $"{EnumNames.Of(measure.Type)}({measure.Sql ?? "*"})",
        };
        return measure.Filter is null ? call : $"{call} FILTER (WHERE {measure.Filter})";
    }

    private static Dictionary<string, string?> Values(IReadOnlyList<string> names, string?[] values) =>
        names.Select((name, i) => (name, values[i])).ToDictionary(pair => pair.name, pair => pair.Item2, StringComparer.Ordinal);

    private static async Task PutGroupAsync(
        SqlSession session, IReadOnlyList<string> dimensions, IReadOnlyDictionary<string, string?> group, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync($"CREATE TEMP TABLE {TouchedPartitions.Relation} AS SELECT {SqlText.Identifiers(dimensions)} FROM {Mart} WHERE false", cancellationToken);
        try
        {
            await session.ExecuteAsync(
                $"INSERT INTO {TouchedPartitions.Relation} SELECT {string.Join(", ", dimensions.Select((_, i) => $"${i + 1}"))}", [.. dimensions.Select(name => group[name])], cancellationToken);
        }
        catch (TerminalException fault) when (fault.Code == "SqlError")
        {
            throw new TerminalException(FailureKind.Invalid, "InvalidGroup", $"A value is none of its dimension: write {string.Join(", ", dimensions)} as the mart's rows have them.", "group");
        }
    }

    private static async Task<IReadOnlyList<DataFile>> MartFilesAsync(SqlSession session, MartDefinition definition, Snapshot current, CancellationToken cancellationToken)
    {
        if (definition.PartitionBy.Count == 0)
            return current.Files;
        var first = definition.PartitionBy[0];
        var type = (await session.DescribeAsync($"SELECT {SqlText.Identifier(first)} FROM {TouchedPartitions.Relation}", cancellationToken))[0].Type;
        return await MartFiles.FindTouchedAsync(session, current, first, type, small: 0, cancellationToken);
    }

    /// <summary>Looks into each file of the source that can have rows of the group.</summary>
    private async Task<(List<ExplainedFile> Files, List<ExplainedBatch> Batches)> ContributingAsync(
        SqlSession session, MartDefinition grouped, Snapshot source, CancellationToken cancellationToken)
    {
        var partition = await PartitionSource.FindAsync(inspector, grouped, source, cancellationToken);
        var batch = source.Columns.Any(column => column.Name == SystemColumns.Batch) ? SqlText.Identifier(SystemColumns.Batch) : "NULL::VARCHAR";
        List<(DataFile File, string? Batch, long Rows)> found = [];
        foreach (var file in await SourceScan.FindFilesAsync(session, source, partition, cancellationToken))
        {
            await session.MountAsync(grouped.Source, source, new MountOptions { Files = [file], SystemColumns = true }, cancellationToken);
            var select = await MartCompiler.ContributingAsync(session, grouped, TouchedPartitions.Relation, batch, cancellationToken);
            found.AddRange(await session.ReadAsync(select, [], reader => (file, reader.IsDBNull(0) ? null : reader.GetString(0), reader.GetInt64(1)), cancellationToken));
        }

        var commits = await CommitsAsync(source, found.Select(row => DataFiles.Decode(row.File.Path)).ToHashSet(StringComparer.Ordinal), cancellationToken);
        List<ExplainedFile> files = [];
        foreach (var group in found.GroupBy(row => DataFiles.Decode(row.File.Path), StringComparer.Ordinal))
        {
            var commit = commits.GetValueOrDefault(group.Key);
            var inputs = commit is null ? null : (await lineage.ReadAsync(source.Table, commit.Version, cancellationToken)).Values.SelectMany(input => input)
                .GroupBy(input => input.Key, StringComparer.Ordinal).ToDictionary(input => input.Key, input => input.Max(version => version.Value.Version), StringComparer.Ordinal);
            files.Add(new ExplainedFile(group.Key, group.Sum(row => row.Rows), commit?.Version, commit?.Timestamp, commit?.Operation, inputs is { Count: > 0 } ? inputs : null));
        }

        var batches = found.Where(row => row.Batch is not null).GroupBy(row => row.Batch!, StringComparer.Ordinal)
            .Select(group => new ExplainedBatch(group.Key, group.Sum(row => row.Rows), $"/api/v1/receipts/{group.Key}"));
        return (files, [.. batches.OrderBy(entry => entry.Batch, StringComparer.Ordinal)]);
    }

    /// <summary>The commits that added files, as far back as the log goes.</summary>
    private async Task<Dictionary<string, Commit>> CommitsAsync(Snapshot source, HashSet<string> paths, CancellationToken cancellationToken)
    {
        var table = tables.Get(source.Table);
        Dictionary<string, Commit> commits = new(StringComparer.Ordinal);
        await foreach (var commit in table.ReadCommitsAsync(await table.OldestCommitAsync(cancellationToken) - 1, source.Version, cancellationToken))
        {
            foreach (var file in commit.Added.Where(file => paths.Contains(DataFiles.Decode(file.Path))))
                commits[DataFiles.Decode(file.Path)] = commit;
        }

        return commits;
    }
}
