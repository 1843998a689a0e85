namespace DataPlatform.Operations;

/// <summary>State that follows from the logs of dataset tables. Requests advance it after their commit, a timer for those that crashed.</summary>
public interface IDatasetProjection
{
    /// <param name="upTo">A version of the table to reach at least; null goes to the newest.</param>
    /// <returns>The version projected up to; -1 when there is nothing to follow.</returns>
    Task<long> AdvanceAsync(string dataset, long? upTo, CancellationToken cancellationToken);
}
