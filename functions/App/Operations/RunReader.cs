using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests for runs.</summary>
public sealed class RunReader(RunSearch search, RunWaiter waiter, RunLog log, Links links)
{
    private const int DefaultTop = 50;
    private const int MaxTop = 500;

    public async Task<IResult> GetAsync(HttpRequest request, string run, CancellationToken cancellationToken)
    {
        var wait = new QueryOptions(request, "wait").Number("wait", 0, RunWaiter.MaxSeconds) ?? 0;
        var found = await waiter.WaitAsync(run, TimeSpan.FromSeconds(wait), cancellationToken);
        return new JsonAnswer(StatusCodes.Status200OK, found)
        {
            Headers = found.HasEnded ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = "1" },
        };
    }

    public async Task<IResult> LogAsync(HttpRequest request, string run, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        return links.List(request, await log.ReadAsync(run, cancellationToken), "after", next: null);
    }

    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "pipeline", "mart", "status", "trigger", "from", "to", "top", "after");
        var (pipeline, mart) = (query.Text("pipeline"), query.Text("mart"));
        if (pipeline is not null && mart is not null)
            throw Invalid("Ask for the runs of one pipeline or of one mart, not of both.", "mart");
        if ((pipeline ?? mart) is { } name && !NameRules.IsPipelineName(name))
            throw Invalid("That is not the name of a pipeline or mart.", pipeline is null ? "mart" : "pipeline");

        var filter = new RunFilter(
            pipeline is not null ? RunKind.Pipeline : mart is not null ? RunKind.Refresh : null,
            pipeline ?? mart,
            Choice<RunStatus>(query, "status", Enum.GetNames<RunStatus>().Where(status => status != nameof(RunStatus.Skipped))),
            Choice<RunCause>(query, "trigger", EnumNames.All<RunCause>()),
            query.Time("from"),
            query.Time("to"));
        var page = await search.FindAsync(filter, query.Text("after"), (int)(query.Number("top", 1, MaxTop) ?? DefaultTop), cancellationToken);
        return links.List(request, page.Runs, "after", page.Next);
    }

    private static T? Choice<T>(QueryOptions query, string option, IEnumerable<string> words)
        where T : struct, Enum
    {
        if (query.Text(option) is not { } text)
            return null;
        return words.Contains(text, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(text, ignoreCase: true)
            : throw Invalid($"The query option '{option}' must be one of {string.Join(", ", words)}.", option);
    }

    private static TerminalException Invalid(string message, string option) => new(FailureKind.Invalid, "InvalidQueryOption", message, option);
}
