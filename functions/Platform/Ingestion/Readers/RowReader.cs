using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Reads the rows of a body in one format.</summary>
internal abstract class RowReader : IDisposable
{
    /// <summary>Reads until the collector is full, a buffer of input is used up, or the body ends.</summary>
    /// <returns>False when the body has ended.</returns>
    /// <exception cref="Failures.TerminalException">The body as a whole cannot be read: <c>UnreadableFile</c> with the place, or
    /// <c>UnexpectedField</c> when the contract is frozen.</exception>
    public abstract ValueTask<bool> ReadAsync(RowCollector rows, CancellationToken cancellationToken);

    public virtual void Dispose()
    {
    }
}
