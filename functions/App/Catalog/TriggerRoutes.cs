using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Triggers;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Catalog;

/// <summary>What the routes of pipelines and marts share about triggers.</summary>
public sealed class TriggerRoutes(CatalogStore catalog, TriggerReader reader, TriggerHints hints)
{
    public async Task<IResult> GetPipelineAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var entry = await catalog.GetAsync<PipelineDefinition>(name, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, await reader.ReadAsync(entry, cancellationToken));
    }

    public async Task<IResult> GetMartAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var entry = await catalog.GetAsync<MartDefinition>(name, cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, await reader.ReadAsync(entry, cancellationToken));
    }

    /// <summary>Has the triggers look at the definitions soon, once one was changed.</summary>
    public async Task<IResult> ChangeAsync(Task<IResult> change)
    {
        var answer = await change;
        hints.NoteDefinitions();
        return answer;
    }
}
