using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Batches;

/// <summary>Which receipts of a dataset are wanted.</summary>
/// <param name="State">Null for all.</param>
/// <param name="Service">Null for all.</param>
public sealed record ReceiptFilter(string Dataset, LedgerRange Range, ReceiptState? State = null, string? Service = null)
{
    public bool Takes(Receipt receipt) => (State is null || receipt.State == State) && (Service is null || receipt.Service == Service);
}
