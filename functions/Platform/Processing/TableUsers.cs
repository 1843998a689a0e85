using System.Runtime.CompilerServices;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Sql;

namespace DataPlatform.Processing;

/// <summary>
/// Finds the pipelines and marts that read a table, so that a definition they need is not taken away under them. It looks before the
/// change, not in one step with it: a pipeline that is put at the same moment finds out when it runs.
/// </summary>
public sealed class TableUsers(CatalogStore catalog, SqlInspector inspector)
{
    private const int PageSize = 100;

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

    private static HashSet<string> Targets(PipelineDefinition pipeline) =>
        pipeline.Steps.Select(step => step.Target).ToHashSet(StringComparer.Ordinal);

    /// <param name="pipeline">The pipeline that writes the tables; it may read them itself.</param>
    private async Task EnsureUnusedAsync(string refusal, HashSet<string> tables, string? pipeline, CancellationToken cancellationToken)
    {
        if (tables.Count == 0)
            return;

        List<FailureDetail> users = [];
        await foreach (var mart in AllAsync<MartDefinition>(cancellationToken))
        {
            if (tables.Contains(mart.Source))
                users.Add(Use("mart", mart.Name, mart.Source));
        }

        await foreach (var other in AllAsync<PipelineDefinition>(cancellationToken))
        {
            if (other.Name != pipeline && await FindReadAsync(other, tables, cancellationToken) is { } table)
                users.Add(Use("pipeline", other.Name, table));
        }

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

    private static FailureDetail Use(string kind, string name, string table) =>
        new("ReadBy", $"The {kind} '{name}' reads '{table}'.", $"/api/v1/{kind}s/{name}");

    private async Task<string?> FindReadAsync(PipelineDefinition pipeline, HashSet<string> tables, CancellationToken cancellationToken)
    {
        foreach (var step in pipeline.Steps)
        {
            // A cheap look first: the inspector has the engine parse.
            if (tables.FirstOrDefault(table => step.Sql.Contains(table, StringComparison.Ordinal)) is not { } named)
                continue;
            try
            {
                var query = await inspector.InspectAsync(step.Sql, step.Name, cancellationToken);
                if (query.Tables.FirstOrDefault(table => tables.Contains(table.Name)) is { } read)
                    return read.Name;
            }
            catch (TerminalException exception) when (exception.Code == SqlInspector.ErrorCode)
            {
                // Put when an older engine could read it: rather one user too many than one too few.
                return named;
            }
        }

        return null;
    }

    private async IAsyncEnumerable<T> AllAsync<T>([EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        string? after = null;
        do
        {
            var page = await catalog.ListAsync<T>(after, PageSize, cancellationToken);
            foreach (var entry in page.Entries)
                yield return entry.Definition;
            after = page.Next;
        }
        while (after is not null);
    }
}
