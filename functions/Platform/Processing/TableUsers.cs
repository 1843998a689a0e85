using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;
using DataPlatform.Processing.Lineage;

namespace DataPlatform.Processing;

/// <summary>
/// Finds the pipelines, marts and dashboards that read a table, so that a definition they need is not taken away under them. It looks before the
/// change, not in one step with it: a pipeline that is put at the same moment finds out when it runs.
/// </summary>
public sealed class TableUsers(CatalogStore catalog, TableWriters writers)
{
    private const int DashboardsPerPage = 100;

    /// <exception cref="TerminalException"><c>DefinitionInUse</c> (409), with every user.</exception>
    public Task EnsureUnusedAsync(DatasetDefinition dataset, CancellationToken cancellationToken) =>
        EnsureUnusedAsync($"The dataset '{dataset.Name}' cannot be deleted", [dataset.Name], pipeline: null, cancellationToken);

    /// <inheritdoc cref="EnsureUnusedAsync(DatasetDefinition, CancellationToken)"/>
    public Task EnsureUnusedAsync(MartDefinition mart, CancellationToken cancellationToken) =>
        EnsureUnusedAsync($"The mart '{mart.Name}' cannot be deleted", [mart.Name], pipeline: null, cancellationToken);

    /// <inheritdoc cref="EnsureUnusedAsync(DatasetDefinition, CancellationToken)"/>
    public Task EnsureUnusedAsync(PipelineDefinition pipeline, CancellationToken cancellationToken) =>
        EnsureUnusedAsync($"The pipeline '{pipeline.Name}' cannot be deleted", Targets(pipeline), pipeline.Name, cancellationToken);

    /// <summary>Checks that a pipeline about to be put goes on writing the tables that others read.</summary>
    /// <exception cref="TerminalException"><c>DefinitionInUse</c> (409), with every user.</exception>
    public async Task EnsureStillWrittenAsync(PipelineDefinition pipeline, CancellationToken cancellationToken)
    {
        if (await catalog.FindAsync<PipelineDefinition>(pipeline.Name, cancellationToken) is not { } current)
            return;
        var dropped = Targets(current.Definition).Except(Targets(pipeline)).ToHashSet(StringComparer.Ordinal);
        await EnsureUnusedAsync($"The pipeline '{pipeline.Name}' must go on writing its tables", dropped, pipeline.Name, cancellationToken);
    }

    /// <summary>Checks that nothing writes or reads a table any more.</summary>
    /// <exception cref="TerminalException"><c>TableInUse</c> (409), with every user.</exception>
    public async Task EnsureUnusedAsync(string table, CancellationToken cancellationToken)
    {
        List<FailureDetail> users = [];
        if (await catalog.FindOwnerAsync(table, cancellationToken) is { } owner)
        {
            var kind = owner.Kind.ToString().ToLowerInvariant();
            users.Add(new FailureDetail("WrittenBy", $"The {kind} '{owner.Name}' writes it.", $"/api/v1/{kind}s/{owner.Name}"));
        }

        users.AddRange(await FindReadersAsync([table], pipeline: null, cancellationToken));
        if (users.Count > 0)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "TableInUse",
                $"The table '{table}' cannot be deleted: {string.Join(' ', users.Select(user => user.Message))} Change or delete what uses it first.",
                users[0].Target,
                users);
        }
    }

    private static HashSet<string> Targets(PipelineDefinition pipeline) =>
        pipeline.Steps.Select(step => step.Target).ToHashSet(StringComparer.Ordinal);

    /// <param name="pipeline">The pipeline that writes the tables; it may read them itself.</param>
    private async Task EnsureUnusedAsync(string refusal, HashSet<string> tables, string? pipeline, CancellationToken cancellationToken)
    {
        if (tables.Count == 0)
            return;

        var users = await FindReadersAsync(tables, pipeline, cancellationToken);
        if (users.Count > 0)
        {
            throw new TerminalException(
                FailureKind.Conflict,
                "DefinitionInUse",
                $"{refusal}: {string.Join(' ', users.Select(user => user.Message))} Change or delete what reads first.",
                users[0].Target,
                users);
        }
    }

    private async Task<List<FailureDetail>> FindReadersAsync(HashSet<string> tables, string? pipeline, CancellationToken cancellationToken)
    {
        List<FailureDetail> users = [];
        HashSet<(RunKind, string)> seen = [];
        await foreach (var writer in writers.ReadAsync(cancellationToken))
        {
            var isOwn = writer.Kind == RunKind.Pipeline && writer.Name == pipeline;
            if (!isOwn && FindRead(writer, tables) is { } table && seen.Add((writer.Kind, writer.Name)))
                users.Add(Use(writer.Kind == RunKind.Refresh ? "mart" : "pipeline", writer.Name, table));
        }

        for (string? after = null; ;)
        {
            var page = await catalog.ListAsync<DashboardDefinition>(after, DashboardsPerPage, cancellationToken);
            foreach (var dashboard in page.Entries.Select(entry => entry.Definition))
            {
                if (dashboard.Tiles.Select(dashboard.MartOf).FirstOrDefault(tables.Contains) is { } mart)
                    users.Add(Use("dashboard", dashboard.Name, mart));
            }

            if (page.Next is null)
                return users;
            after = page.Next;
        }
    }

    private static FailureDetail Use(string kind, string name, string table) =>
        new("ReadBy", $"The {kind} '{name}' reads '{table}'.", $"/api/v1/{kind}s/{name}");

    /// <summary>Of SQL that cannot be read any more: rather one user too many than one too few.</summary>
    private static string? FindRead(TableWriter writer, HashSet<string> tables) => writer.IsReadable
        ? writer.Sources.FirstOrDefault(tables.Contains)
        : tables.FirstOrDefault(table => writer.Sql.Contains(table, StringComparison.Ordinal));
}
