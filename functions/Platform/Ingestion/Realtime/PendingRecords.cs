using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Ingestion.Realtime;

/// <summary>A request that waits for its group's commit.</summary>
internal sealed class PendingRecords(BatchRequest request, BatchMedia media, RecordBody body)
{
    private readonly TaskCompletionSource<Receipt?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public BatchRequest Request { get; } = request;

    public BatchMedia Media { get; } = media;

    public RecordBody Body { get; } = body;

    /// <summary>Names the request among those of its group and those that wait; null when it can be sent twice.</summary>
    public (string Caller, string Key)? Key { get; } = request.IdempotencyKey is { } key ? (request.Caller, key) : null;

    /// <summary>The receipt. Null: this request is not for a group, it must go on alone, as a batch.</summary>
    public Task<Receipt?> Outcome => _outcome.Task;

    /// <summary>What is to be committed of it, once it is read.</summary>
    public CommittedBatch? Batch { get; set; }

    /// <summary>Its key's claim, once made.</summary>
    public BatchClaim? Claim { get; set; }

    public void Complete(Receipt receipt) => _outcome.TrySetResult(receipt);

    public void GoAlone() => _outcome.TrySetResult(null);

    public void Cancel(CancellationToken cancellationToken) => _outcome.TrySetCanceled(cancellationToken);

    /// <summary>Fails it with an exception of its own: what travels up is changed on its way.</summary>
    public void Fail(Exception failure) => _outcome.TrySetException(failure switch
    {
        TransientException transient => new TransientException(transient.Message, transient) { RetryAfter = transient.RetryAfter },
        TerminalException terminal => new TerminalException(terminal.Kind, terminal.Code, terminal.Message, terminal.Target, terminal.Details, terminal),
        _ => failure,
    });
}
