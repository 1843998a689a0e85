using DataPlatform.App.Catalog;
using DataPlatform.Catalog;
using DataPlatform.Gateway;
using DataPlatform.Processing;
using DataPlatform.Triggers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace DataPlatform.App.Processing;

/// <summary>The definitions of pipelines.</summary>
public sealed class PipelineFunctions(
    DefinitionHandler<PipelineDefinition> definitions, PipelineCompiler compiler, StepChangeOption changes, TableUsers users, TriggerCheck check, TriggerRoutes triggers)
{
    [Function("PipelinePut")]
    [ApiRoute("define:pipeline/{pipeline}", Body = RequestBody.Document)]
    public Task<IResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/v1/pipelines/{pipeline}")] HttpRequest request,
        string pipeline,
        CancellationToken cancellationToken) => triggers.ChangeAsync(definitions.PutAsync(
            request,
            pipeline,
            async (definition, token) =>
            {
                await CheckAsync(definition, token);
                await changes.DecideAsync(request, definition, token);
            },
            cancellationToken,
            StepChangeOption.Name));

    [Function("PipelineGet")]
    [ApiRoute("read:pipeline/{pipeline}")]
    public Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/pipelines/{pipeline}")] HttpRequest request,
        string pipeline,
        CancellationToken cancellationToken) => definitions.GetAsync(request, pipeline, cancellationToken);

    [Function("PipelineList")]
    [ApiRoute("read:pipeline/*")]
    public Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/pipelines")] HttpRequest request,
        CancellationToken cancellationToken) => definitions.ListAsync(request, cancellationToken);

    [Function("PipelineVersions")]
    [ApiRoute("read:pipeline/{pipeline}")]
    public Task<IResult> Versions(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/pipelines/{pipeline}/versions")] HttpRequest request,
        string pipeline,
        CancellationToken cancellationToken) => definitions.ListVersionsAsync(request, pipeline, cancellationToken);

    /// <summary>When it runs next, what it waits for, and its newest run.</summary>
    [Function("PipelineTriggers")]
    [ApiRoute("read:pipeline/{pipeline}")]
    public Task<IResult> Triggers(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/pipelines/{pipeline}/triggers")] HttpRequest request,
        string pipeline,
        CancellationToken cancellationToken) => triggers.GetPipelineAsync(request, pipeline, cancellationToken);

    [Function("PipelineDelete")]
    [ApiRoute("define:pipeline/{pipeline}")]
    public Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/v1/pipelines/{pipeline}")] HttpRequest request,
        string pipeline,
        CancellationToken cancellationToken) => triggers.ChangeAsync(definitions.DeleteAsync(request, pipeline, users.EnsureUnusedAsync, cancellationToken));

    private async Task CheckAsync(PipelineDefinition definition, CancellationToken cancellationToken)
    {
        await compiler.CompileAsync(definition, cancellationToken);
        await users.EnsureStillWrittenAsync(definition, cancellationToken);
        await check.CheckAsync(definition, cancellationToken);
    }
}
