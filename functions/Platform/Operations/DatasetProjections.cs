using DataPlatform.Failures;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Operations;

/// <summary>All that follows from the logs of dataset tables: receipts and ledger first, then the others. What fails of the others is left to
/// the timer and keeps nobody waiting.</summary>
public sealed class DatasetProjections(
    ReceiptProjection receipts, IEnumerable<IDatasetProjection> others, ILogger<DatasetProjections> logger)
{
    /// <summary>For those who wait for a receipt and nothing else.</summary>
    /// <inheritdoc cref="IDatasetProjection.AdvanceAsync"/>
    public Task<long> AdvanceReceiptsAsync(string dataset, long? upTo, CancellationToken cancellationToken) =>
        receipts.AdvanceAsync(dataset, upTo, cancellationToken);

    /// <inheritdoc cref="IDatasetProjection.AdvanceAsync"/>
    public async Task<long> AdvanceAsync(string dataset, long? upTo, CancellationToken cancellationToken)
    {
        var version = await receipts.AdvanceAsync(dataset, upTo, cancellationToken);
        foreach (var other in others)
        {
            try
            {
                await other.AdvanceAsync(dataset, upTo, cancellationToken);
            }
            catch (Exception fault) when (fault is TransientException or TerminalException)
            {
                Log.ProjectionBehind(logger, dataset, other.GetType().Name, fault);
            }
        }

        return version;
    }
}
