using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.Options;

namespace DataPlatform.Processing;

/// <summary>Divides a step's input by keys, and finds the rows of a partition again.</summary>
public sealed class SplitRunner(
    RunStore runs,
    RunFiles files,
    DeltaTables tables,
    SqlEngine engine,
    KeyPartitions partitions,
    StepStops stops,
    IObjectStore store,
    IOptions<PlatformOptions> options)
{
    /// <summary>Writes the rows of one group of files into partitions.</summary>
    public async Task RunAsync(string runId, int index, int group, CancellationToken cancellationToken)
    {
        var run = await files.ReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken);
        var step = run.Pipeline.Steps[index];
        await stops.EnsureNotStoppedAsync(runId, step, cancellationToken);
        var place = RunFiles.Split(runId, step.Name, group);
        if (await files.TryReadAsync<SplitResult>(place, cancellationToken) is not null)
            return;

        var split = (await files.ReadAsync<StepPlan>(RunFiles.StepPlan(runId, step.Name), cancellationToken)).Split!;
        var snapshot = await tables.ReadPinAsync(split.Table, cancellationToken);
        await using var session = await engine.OpenAsync(cancellationToken);
        session.Disk = new TemporaryDisk(options.Value.ActivityTemporaryBytes);
        var written = await StepNaming.RunAsync(step, () => partitions.WriteAsync(
            session, snapshot, split.Groups[group], split.By, split.Partitions, RunFiles.SplitFolder(runId, step.Name), cancellationToken));
        Failures.FaultPoint.Pass("after-split");
        await files.WriteOnceAsync(place, new SplitResult(written), cancellationToken);
    }

    /// <summary>The files that hold a partition's rows.</summary>
    public async Task<IReadOnlyList<PartitionFile>> FindAsync(string runId, string step, SplitPlan split, int partition, CancellationToken cancellationToken)
    {
        List<PartitionFile> found = [];
        for (var group = 0; group < split.Groups.Count; group++)
        {
            var written = await files.ReadAsync<SplitResult>(RunFiles.Split(runId, step, group), cancellationToken);
            found.AddRange(written.Files.Where(file => file.Partition == partition));
        }

        return found;
    }

    /// <summary>Removes the divided rows of a run if it has ended: who was still at work then wrote behind the removal.</summary>
    public async Task RemoveLateAsync(string runId, CancellationToken cancellationToken)
    {
        if ((await runs.GetAsync(runId, cancellationToken)).HasEnded)
            await RemoveAsync(runId, cancellationToken);
    }

    /// <summary>Removes the divided rows of a run that has ended.</summary>
    public async Task RemoveAsync(string runId, CancellationToken cancellationToken)
    {
        if (await files.TryReadAsync<RunPlan>(RunFiles.Plan(runId), cancellationToken) is not { } run)
            return;

        foreach (var step in run.Pipeline.Steps.Where(step => step.Split is not null))
        {
            await foreach (var file in store.ListAsync(RunFiles.SplitFolder(runId, step.Name), after: null, cancellationToken))
                await store.TryDeleteAsync(file.Path, etag: null, cancellationToken);
        }
    }
}
