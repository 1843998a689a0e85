using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Processing;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Processing;

/// <summary>The query option that says what becomes of rows which changed steps wrote before.</summary>
public sealed class StepChangeOption(StepChanges changes)
{
    public const string Name = "onStepChange";

    /// <exception cref="TerminalException"><c>StepChanged</c> (409); <c>InvalidQueryOption</c>.</exception>
    public Task DecideAsync(HttpRequest request, PipelineDefinition pipeline, CancellationToken cancellationToken) =>
        changes.DecideAsync(pipeline, Read(new QueryOptions(request, Name).Text(Name)), cancellationToken);

    private static StepChange? Read(string? text) => text switch
    {
        null => null,
        "continue" => StepChange.Continue,
        "full_refresh" => StepChange.FullRefresh,
        _ => throw new TerminalException(
            FailureKind.Invalid, "InvalidQueryOption", $"The query option '{Name}' must be 'continue' or 'full_refresh'.", Name),
    };
}
