using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>What would become of the rows: received = loaded + quarantined + duplicate + discarded.</summary>
/// <param name="Duplicate">Rows whose key an earlier row of the same body has; rows of other batches are not looked at.</param>
public sealed record PreviewCounts(long Received, long Loaded, long Quarantined, long Duplicate, long Discarded)
{
    internal static PreviewCounts Of(RowCollector rows) => new(rows.Received, rows.Accepted, rows.Quarantined, rows.Duplicates, rows.Discarded);
}
