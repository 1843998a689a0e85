using DataPlatform.Failures;

namespace DataPlatform.Operations;

/// <summary>Lists runs by what they are, newest first.</summary>
public sealed class RunSearch(RunStore runs, RunIndex index)
{
    private const int AtOnce = 16;

    /// <param name="after">The id that the previous page named; null starts with the newest.</param>
    /// <param name="top">The most to return.</param>
    /// <exception cref="TerminalException"><c>InvalidQueryOption</c>: <paramref name="after"/> is no run's id.</exception>
    public async Task<RunPage> FindAsync(RunFilter filter, string? after, int top, CancellationToken cancellationToken)
    {
        var behind = after is null ? null : RunId.OrderOf(after)
            ?? throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "'after' is the cursor of the page before: take its 'nextLink'.", "after");
        var (newest, oldest) = RunId.OrderBounds(filter.From, filter.To);

        // The open ones first: a run that is settled in between is found twice, and not missed.
        var found = (await runs.ListOpenAsync(cancellationToken))
            .Select(open => open.Run)
            .OfType<Run>()
            .Where(run => filter.Accepts(run) && IsWithin(RunId.OrderOf(run.Id)!))
            .ToDictionary(run => run.Id);
        List<string> ended = [];
        await foreach (var id in index.FindAsync(filter, behind, cancellationToken))
        {
            if (found.ContainsKey(id))
                continue;
            ended.Add(id);
            if (ended.Count > top)
                break;
        }

        foreach (var part in ended.Chunk(AtOnce))
        {
            foreach (var run in await Task.WhenAll(part.Select(id => runs.FindAsync(id, cancellationToken))))
            {
                if (run is not null)
                    found[run.Id] = run;
            }
        }

        var page = found.Values.OrderBy(run => RunId.OrderOf(run.Id), StringComparer.Ordinal).Take(top + 1).ToList();
        return page.Count > top ? new RunPage(page[..top], page[top - 1].Id) : new RunPage(page, Next: null);

        bool IsWithin(string order) =>
            string.CompareOrdinal(order, newest) > 0 && string.CompareOrdinal(order, oldest) <= 0 && string.CompareOrdinal(order, behind) > 0;
    }
}
