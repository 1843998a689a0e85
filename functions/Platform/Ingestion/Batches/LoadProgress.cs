using DataPlatform.Failures;
using DataPlatform.Ingestion.Uploads;

namespace DataPlatform.Ingestion.Batches;

/// <summary>How far the loading of a batch is. Written by the loader, read by others while it works.</summary>
internal sealed class LoadProgress
{
    private long _rows;
    private long _bytes;
    private int _stage = (int)UploadStage.Copying;
    private bool _canceled;

    /// <summary>Read so far.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Read so far, as the body came.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public UploadStage Stage => (UploadStage)Volatile.Read(ref _stage);

    /// <summary>Ends the loading at its next step, unless it commits by then.</summary>
    public void Cancel() => Volatile.Write(ref _canceled, true);

    public void Enter(UploadStage stage) => Volatile.Write(ref _stage, (int)stage);

    /// <exception cref="TerminalException"><c>UploadCanceled</c>.</exception>
    public void Report(long rows, long bytes)
    {
        Volatile.Write(ref _rows, rows);
        Volatile.Write(ref _bytes, bytes);
        ThrowIfCanceled();
    }

    /// <exception cref="TerminalException"><c>UploadCanceled</c>.</exception>
    public void ThrowIfCanceled()
    {
        if (Volatile.Read(ref _canceled))
            throw new TerminalException(FailureKind.Conflict, UploadFailures.Canceled, "The upload was canceled before its commit. Nothing was loaded.");
    }
}
