namespace DataPlatform.Failures;

/// <summary>A failure that may pass: whoever can repeat the work does, else the caller gets 503 with <c>Retry-After</c>.</summary>
/// <param name="message">What did not answer or was lost. Shown to callers: no secrets, no row data.</param>
public class TransientException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>How long to wait before the next try.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);
}
