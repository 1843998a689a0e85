using DataPlatform.Failures;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Operations;

/// <summary>
/// How the activities of runs fail. A <see cref="TerminalException"/> becomes part of the outcome, because hosts pass on an exception's text
/// only; all else is thrown as a <see cref="TransientException"/> with a text for callers, and the orchestration tries again.
/// </summary>
public sealed class ActivityAttempt(RunAttempts attempts, ILogger<ActivityAttempt> logger)
{
    private const int MaxMessage = 4000;

    /// <param name="failed">Makes the outcome that tells of a terminal failure.</param>
    /// <param name="activity">What is tried, for the run's log, e.g. <c>group 3 of step 'enrich'</c>; null keeps no log.</param>
    public async Task<T> RunAsync<T>(string run, Func<Task<T>> work, Func<RunFailure, T> failed, string? activity = null)
    {
        try
        {
            return await work();
        }
        catch (TerminalException exception)
        {
            // Only defects of the platform need their stack; the others are mistakes in somebody's SQL or data.
            Log.RunFails(logger, run, exception.Code, exception.Message, exception.Kind is FailureKind.Internal ? exception : null);
            return failed(FailureOf(exception));
        }
        catch (TransientException exception)
        {
            await NoteAsync(run, activity, exception);
            throw;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Log.ActivityFailed(logger, run, exception);
            var failure = new TransientException("The platform failed while it worked on the run; its log has the details.", exception);
            await NoteAsync(run, activity, failure);
            throw failure;
        }
    }

    private Task NoteAsync(string run, string? activity, TransientException exception) =>
        activity is null ? Task.CompletedTask : attempts.NoteAsync(run, activity, exception.Message, CancellationToken.None);

    private static RunFailure FailureOf(TerminalException exception)
    {
        var message = exception.Details.Count > 1
            ? string.Join(' ', exception.Details.Select(detail => $"{detail.Target}: {detail.Message}"))
            : exception.Message;
        return new RunFailure(exception.Code, message.Length > MaxMessage ? message[..MaxMessage] + "…" : message, exception.Target);
    }
}
