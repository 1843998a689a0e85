using DataPlatform.Failures;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>A request for the file, or its answer, was cut off: another request may go on.</summary>
internal sealed class FetchInterruptedException(string message, Exception? innerException = null) : TransientException(message, innerException)
{
    /// <summary>How long the server asks to be left alone.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Whether the next request may follow at once.</summary>
    public bool AtOnce { get; init; }
}
