using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Processing;

/// <summary>The rows that a run kept out of a table since they broke an expectation.</summary>
public sealed class QuarantinedRows(RunStore runs, RunFiles files, IObjectStore store)
{
    /// <summary>Finds them; who gets the result calls it to have them written as JSON, one a line.</summary>
    /// <exception cref="TerminalException"><c>RunNotFound</c>; <c>StepNotFound</c>: the run does not write the table.</exception>
    public async Task<Func<Stream, CancellationToken, Task>> FindAsync(string table, string runId, CancellationToken cancellationToken)
    {
        var run = await runs.GetAsync(runId, cancellationToken);
        var steps = run.Steps.Where(step => step.Target == table).ToList();
        if (steps.Count == 0)
            throw new TerminalException(FailureKind.NotFound, "StepNotFound", $"The run '{run.Id}' has no step that writes the table '{table}'.", "run");

        List<LakePath> places = [];
        foreach (var step in steps)
        {
            foreach (var group in step.GroupsDone)
            {
                if (await files.TryReadAsync<GroupResult>(RunFiles.Group(run.Id, step.Name, group), cancellationToken) is { Quarantine: { } place })
                    places.Add(LakePath.Parse(place));
            }
        }

        return async (target, token) =>
        {
            foreach (var place in places)
            {
                await using var source = await store.OpenReadAsync(place, range: null, token);
                await source.CopyToAsync(target, token);
            }
        };
    }
}
