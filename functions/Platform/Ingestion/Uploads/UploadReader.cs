using DataPlatform.Failures;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>Reads uploads for those who ask for them. The log decides: an attempt that lost its lease may still commit after another one was canceled or gave
/// up, and then the upload has succeeded.</summary>
public sealed class UploadReader(UploadStore uploads, BatchService batches)
{
    /// <exception cref="TerminalException"><c>UploadNotFound</c>.</exception>
    public async Task<Upload> GetAsync(string dataset, string id, CancellationToken cancellationToken)
    {
        var upload = await uploads.GetAsync(dataset, id, cancellationToken);
        if (upload.Status is not (UploadStatus.Failed or UploadStatus.Canceled)
            || await batches.FindReceiptAsync(id, cancellationToken) is not { State: ReceiptState.Committed } receipt)
        {
            return upload;
        }

        return await uploads.UpdateAsync(
            id,
            row => row.Status is not (UploadStatus.Failed or UploadStatus.Canceled) ? row : row with
            {
                Status = UploadStatus.Succeeded,
                Rows = receipt.Received,
                BytesRead = receipt.Bytes,
                Error = null,
                KeptUntil = null,
                Fetch = null,
                Fetched = null,
            },
            cancellationToken);
    }
}
