using DataPlatform.Lake;
using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Remembers which steps the next run refreshes fully, as who changed their definition asked for.</summary>
public sealed class StepRefreshes(IRowStore rows)
{
    /// <summary>Partition = pipeline, id = step.</summary>
    private const string RowTable = "steprefreshes";

    /// <summary>Asks for a refresh by the definition given: a run of another one does not heed it.</summary>
    public Task AskAsync(string pipeline, CompiledStep step, CancellationToken cancellationToken) =>
        rows.UpsertAsync(RowTable, new RowKey(pipeline, step.Name), StepFingerprint.Of(step), cancellationToken);

    /// <summary>Takes back what was asked for a step by any definition.</summary>
    public Task WithdrawAsync(string pipeline, string step, CancellationToken cancellationToken) =>
        rows.TryDeleteAsync(RowTable, new RowKey(pipeline, step), etag: null, cancellationToken);

    /// <summary>The steps to refresh.</summary>
    public async Task<IReadOnlyList<string>> FindAsync(CompiledPipeline pipeline, CancellationToken cancellationToken)
    {
        List<string> asked = [];
        await foreach (var row in rows.QueryAsync<long>(RowTable, pipeline.Name, after: null, upTo: null, cancellationToken))
        {
            if (pipeline.Steps.Any(step => step.Name == row.Key.Id && StepFingerprint.Of(step) == row.Value))
                asked.Add(row.Key.Id);
        }

        return asked;
    }

    /// <summary>Notes that a target was replaced: what was asked of the steps that write it is done, or follows from their lost positions.</summary>
    public async Task DoneAsync(CompiledPipeline pipeline, TableName target, CancellationToken cancellationToken)
    {
        foreach (var step in pipeline.Steps.Where(step => step.Target == target))
        {
            if (await rows.GetAsync<long>(RowTable, new RowKey(pipeline.Name, step.Name), cancellationToken) is { } row && row.Value == StepFingerprint.Of(step))
                await rows.TryDeleteAsync(RowTable, row.Key, row.ETag, cancellationToken);
        }
    }
}
