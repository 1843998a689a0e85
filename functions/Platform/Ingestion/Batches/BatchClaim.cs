using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Batches;

/// <summary>
/// The right to work on a batch, and all that its paths and rows derive from, so that nothing depends on the clock of an attempt.
/// There while the batch is worked on; afterwards there is a receipt.
/// </summary>
/// <param name="Id">The batch's.</param>
/// <param name="Key">The row that holds its idempotency key, if any.</param>
/// <param name="Started">Start of the first attempt, UTC, whole microseconds.</param>
/// <param name="TableVersion">The table's version before the first attempt: a commit of the batch is behind it. -1 when there was no
/// table.</param>
/// <param name="Attempt">From 1.</param>
/// <param name="Owner">Who works on it.</param>
/// <param name="LeaseExpires">When others may take it over. That is about not doing work twice: what keeps rows from being loaded twice
/// is the commit, which looks for the batch in the log.</param>
internal sealed record BatchClaim(
    string Id,
    string Dataset,
    string Caller,
    string? Key,
    string? IdempotencyKey,
    DateTimeOffset Started,
    long DefinitionVersion,
    long TableVersion,
    int Attempt,
    string Owner,
    DateTimeOffset LeaseExpires)
{
    /// <summary>Which of the ingestion services took it.</summary>
    public string Service { get; init; } = CommittedBatch.DefaultService;

    /// <summary>The batch lies in storage as an upload and waits for its orchestration, or is worked on by it: that ends the claim, however long
    /// it takes.</summary>
    public bool IsUpload { get; init; }

    /// <summary>The receipt of a batch that is in no commit.</summary>
    public Receipt ToReceipt(ReceiptState state) => new()
    {
        Id = Id,
        Dataset = Dataset,
        State = state,
        Service = Service,
        DefinitionVersion = DefinitionVersion,
        Attempt = Attempt,
        Started = Started,
    };
}
