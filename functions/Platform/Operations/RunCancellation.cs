using DataPlatform.Failures;

namespace DataPlatform.Operations;

/// <summary>
/// Ends runs before their time. A wish is noted in the run's row, which its activities look at: work is broken off, a commit that has begun is
/// brought to its end. Row and wish change by ETag, so either the wish or the commit is first.
/// </summary>
public sealed class RunCancellation(RunStore runs, TimeProvider clock)
{
    /// <summary>Of the failure with which activities answer a wish.</summary>
    public const string Code = "RunCanceled";

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Ends a run that has not begun, or asks one that is under way to end. Again changes nothing.</summary>
    /// <exception cref="TerminalException"><c>RunNotFound</c>, <c>RunHasEnded</c>.</exception>
    public Task<Run> RequestAsync(string id, string caller, CancellationToken cancellationToken)
    {
        var wish = new RunCancel(clock.GetUtcNow(), caller);
        return runs.UpdateAsync(
            id,
            run => run.CancelRequested is not null || run.Status == RunStatus.Canceled ? run
                : run.HasEnded ? throw new TerminalException(
                    FailureKind.Conflict, "RunHasEnded", $"The run has ended already, as '{run.Status}': there is nothing to cancel.", "run")
                : run.Status == RunStatus.NotStarted ? Canceled(run with { CancelRequested = wish }, wish.Time)
                : run with { CancelRequested = wish },
            cancellationToken);
    }

    /// <exception cref="TerminalException"><see cref="Code"/>: somebody wants the run to end.</exception>
    public async Task EnsureWantedAsync(string id, CancellationToken cancellationToken) => Ensure(await runs.GetAsync(id, cancellationToken));

    /// <summary>Does work that leaves nothing behind when it is broken off.</summary>
    /// <exception cref="TerminalException"><see cref="Code"/>.</exception>
    public async Task WorkAsync(string id, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await EnsureWantedAsync(id, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = WatchAsync(id, stop, done.Token);
        try
        {
            await work(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Failure();
        }
        finally
        {
            await done.CancelAsync();
            await watch;
        }
    }

    /// <summary>Notes that a step's commit begins. From here on it is brought to its end, however often it has to be tried.</summary>
    /// <exception cref="TerminalException"><see cref="Code"/>: the wish was first. <c>RunHasEnded</c>: the run was given up, and another one may go on with its work.</exception>
    public Task BeginCommitAsync(string id, int step, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return runs.UpdateAsync(
            id,
            run => run.Steps[step].CommitStarted is not null
                ? run
                : EnsureOpen(Ensure(run)) with { Steps = [.. run.Steps.Select((other, i) => i == step ? other with { CommitStarted = now } : other)] },
            cancellationToken);
    }

    /// <summary>The run as it is when it ends by a wish: what was committed stays.</summary>
    internal static Run Canceled(Run run, DateTimeOffset now)
    {
        var committed = run.Steps.Where(step => step.Status == RunStatus.Succeeded).Select(step => $"'{step.Name}'").ToList();
        var kept = committed.Count == 0 ? "Nothing was committed." : $"Committed before, and kept: {string.Join(", ", committed)}.";
        return run with
        {
            Status = RunStatus.Canceled,
            Ended = now,
            Error = new RunFailure(Code, $"The run was canceled by '{run.CancelRequested?.Caller}'. {kept}"),
            Steps =
            [
                .. run.Steps.Select(step => step.Status is RunStatus.Running or RunStatus.NotStarted
                    ? step with { Status = RunStatus.Canceled, Ended = step.Started is null ? null : now }
                    : step),
            ],
        };
    }

    private static Run Ensure(Run run) => run.CancelRequested is null && run.Status != RunStatus.Canceled ? run : throw Failure();

    private static Run EnsureOpen(Run run) => !run.HasEnded ? run : throw new TerminalException(
        FailureKind.Conflict, "RunHasEnded", $"The run has ended already, as '{run.Status}': nothing more is committed for it.", "run");

    private static TerminalException Failure() => new(FailureKind.Conflict, Code, "The run was canceled.");

    private async Task WatchAsync(string id, CancellationTokenSource stop, CancellationToken done)
    {
        try
        {
            while (true)
            {
                await Task.Delay(LookEvery, clock, done);
                // A run that ended while this went on, since its step timed out, wants it no more either.
                if (await runs.GetAsync(id, done) is { CancelRequested: not null } or { HasEnded: true })
                {
                    await stop.CancelAsync();
                    return;
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or TransientException)
        {
            // The work is done, or the row cannot be read now: then the next activity finds the wish.
        }
    }
}
