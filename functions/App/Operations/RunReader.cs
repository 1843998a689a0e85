using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Operations;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.App.Operations;

/// <summary>Answers requests for runs.</summary>
public sealed class RunReader(RunStore runs, RunWaiter waiter, Links links)
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

    public async Task<IResult> ListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var query = new QueryOptions(request, "pipeline", "mart", "top", "after");
        var (pipeline, mart) = (query.Text("pipeline"), query.Text("mart"));
        if (pipeline is null == mart is null)
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "Say whose runs: either ?pipeline= or ?mart= and a name.", "pipeline");

        if (!NameRules.IsPipelineName((pipeline ?? mart)!))
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "That is not the name of a pipeline or mart.", pipeline is null ? "mart" : "pipeline");

        var top = (int)(query.Number("top", 1, MaxTop) ?? DefaultTop);
        var page = await runs.ListAsync(
            mart is null ? RunKind.Pipeline : RunKind.Refresh, (pipeline ?? mart)!, query.Text("after"), top, cancellationToken);
        return links.List(request, page.Runs, "after", page.Next);
    }
}
