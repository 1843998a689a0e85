using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Tables;

namespace DataPlatform.Serving.Inspection;

/// <summary>Tells of tables what their definitions and logs say.</summary>
public sealed class TableInspector(CatalogStore catalog, ServedTables served, TableVersions versions, DeltaTables tables)
{
    /// <summary>The tables that are defined, in ordinal order of their names.</summary>
    /// <param name="kind">Null for all.</param>
    /// <param name="after">Only names above this one.</param>
    public async Task<IReadOnlyList<TableEntry>> ListAsync(TableKind? kind, string? after, int top, CancellationToken cancellationToken)
    {
        var entries = new List<TableEntry>();
        if (kind is null or TableKind.Dataset)
        {
            var datasets = await catalog.ListAsync<DatasetDefinition>(after, top, cancellationToken);
            entries.AddRange(datasets.Entries.Select(entry => new TableEntry(entry.Definition.Name, TableKind.Dataset)));
        }

        if (kind is null or TableKind.Mart)
        {
            var marts = await catalog.ListAsync<MartDefinition>(after, top, cancellationToken);
            entries.AddRange(marts.Entries.Select(entry => new TableEntry(entry.Definition.Name, TableKind.Mart)));
        }

        if (kind is null or TableKind.Warehouse)
        {
            // Names of pipelines say nothing of those of their tables.
            var pipelines = await catalog.ListAsync<PipelineDefinition>(null, int.MaxValue, cancellationToken);
            entries.AddRange(
                from entry in pipelines.Entries
                from target in entry.Definition.Steps.Select(step => step.Target).Distinct()
                where after is null || string.CompareOrdinal(target, after) > 0
                select new TableEntry(target, TableKind.Warehouse, entry.Definition.Name));
        }

        return [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).Take(top)];
    }

    /// <exception cref="TerminalException"><c>TableEmpty</c>, <c>TableVersionNotFound</c>, <c>TableVersionGone</c>.</exception>
    public async Task<TableDescription> DescribeAsync(ServedTable table, TableVersionRequest version, CancellationToken cancellationToken)
    {
        var snapshot = await versions.ResolveAsync(table, version, cancellationToken);
        return new TableDescription(
            table.Name.Name,
            table.Name.Kind,
            snapshot.TableId,
            snapshot.Version,
            snapshot.Timestamp,
            await OperationAsync(table.Name, snapshot.Version, cancellationToken),
            snapshot.Created,
            [.. table.ColumnsOf(snapshot).Select(column => new ColumnDescription(column.Name, column.Type, column.Nullable))],
            snapshot.PartitionColumns,
            snapshot.Rows,
            snapshot.Files.Count,
            snapshot.Files.Sum(file => file.Size),
            snapshot.Properties);
    }

    /// <inheritdoc cref="DescribeAsync"/>
    public async Task<TableStatistics> StatisticsAsync(ServedTable table, TableVersionRequest version, CancellationToken cancellationToken)
    {
        var snapshot = await versions.ResolveAsync(table, version, cancellationToken);
        return StatisticsMerge.Of(snapshot, table.ColumnsOf(snapshot));
    }

    /// <summary>The newest commits up to a version, or before one.</summary>
    /// <param name="before">Null begins with the version asked for.</param>
    /// <inheritdoc cref="DescribeAsync"/>
    public async Task<CommitPage> HistoryAsync(
        ServedTable table, TableVersionRequest version, long? before, int top, CancellationToken cancellationToken)
    {
        var snapshot = await versions.ResolveAsync(table, version, cancellationToken);
        var delta = tables.Get(table.Name);
        var newest = Math.Min(snapshot.Version, (before ?? long.MaxValue) - 1);
        var oldest = await delta.OldestCommitAsync(cancellationToken);
        var first = Math.Max(oldest, newest - top + 1);
        var commits = new List<CommitDescription>();
        await foreach (var commit in delta.ReadCommitsAsync(first - 1, newest, cancellationToken))
            commits.Add(Describe(commit));
        commits.Reverse();
        return new CommitPage(commits, commits.Count > 0 && first > oldest ? first : null);
    }

    /// <summary>A table of any kind, by its name.</summary>
    /// <exception cref="TerminalException"><c>TableNotFound</c>.</exception>
    public Task<ServedTable> FindAsync(string name, CancellationToken cancellationToken) => served.AnyAsync(name, cancellationToken);

    private static CommitDescription Describe(Commit commit) => new(
        commit.Version,
        commit.Timestamp,
        commit.Operation,
        commit.OperationId,
        commit.DataChange,
        commit.Batches.Count,
        commit.Added.Count,
        commit.Removed.Count,
        Rows(commit.Added),
        Rows(commit.Removed),
        commit.Info["operationMetrics"]);

    private static long? Rows(IEnumerable<DataFile> files) => files.Aggregate((long?)0, (sum, file) => sum + file.Statistics?.Rows);

    private async Task<string?> OperationAsync(TableName table, long version, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var commit in tables.Get(table).ReadCommitsAsync(version - 1, version, cancellationToken))
                return commit.Operation;
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            // A checkpoint tells what the version holds, the commit itself was cleaned away.
        }

        return null;
    }
}
