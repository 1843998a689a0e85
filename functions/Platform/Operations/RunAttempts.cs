using System.Globalization;
using System.Security.Cryptography;
using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Operations;

/// <summary>The tries that failed, kept with their run: one partition a run, by time.</summary>
public sealed class RunAttempts(IRowStore rows, TimeProvider clock, ILogger<RunAttempts> logger)
{
    /// <summary>The most that are kept of a run; later ones are in the host's log only.</summary>
    public const int MaxKept = 500;

    internal const int MaxReason = 500;
    private const string Table = "runattempts";

    /// <summary>Notes a failed try. Storage that does not answer is the most frequent reason, so that it cannot be noted is no failure of its own.</summary>
    internal async Task NoteAsync(string run, string activity, string reason, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        try
        {
            if ((await ListAsync(run, cancellationToken)).Count >= MaxKept)
                return;
            var id = $"{now.UtcTicks.ToString("d19", CultureInfo.InvariantCulture)}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
            var attempt = new RunAttempt(now, activity, reason.Length > MaxReason ? reason[..MaxReason] + "…" : reason);
            await rows.UpsertAsync(Table, new RowKey(run, id), attempt, cancellationToken);
        }
        catch (Exception exception) when (exception is TransientException or TerminalException)
        {
            Log.AttemptNotNoted(logger, run, activity, exception);
        }
    }

    /// <summary>The earliest first.</summary>
    internal async Task<IReadOnlyList<RunAttempt>> ListAsync(string run, CancellationToken cancellationToken)
    {
        List<RunAttempt> attempts = [];
        await foreach (var row in rows.QueryAsync<RunAttempt>(Table, run, after: null, upTo: null, cancellationToken))
            attempts.Add(row.Value);
        return attempts;
    }
}
