using System.Security.Cryptography;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>A fetch at work.</summary>
internal sealed class FetchRun(FetchRequest request, FetchUrl url, PartSink sink) : IAsyncDisposable
{
    public FetchRequest Request { get; } = request;

    public FetchUrl Url { get; } = url;

    public PartSink Sink { get; } = sink;

    public required FetchCheckpoint Checkpoint { get; set; }

    /// <summary>Of all bytes so far; null when nobody asks for it.</summary>
    public IncrementalHash? Hash { get; } = request.Sha256 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>When a checkpoint was noted last.</summary>
    public long Noted { get; set; }

    public async ValueTask DisposeAsync()
    {
        Hash?.Dispose();
        await Sink.DisposeAsync();
    }
}
