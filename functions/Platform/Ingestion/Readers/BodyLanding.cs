using System.IO.Pipelines;
using System.Security.Cryptography;

namespace DataPlatform.Ingestion.Readers;

/// <summary>Lands a body in the raw zone and hashes it, on its way to the parser, which reads it from <see cref="Content"/>. The slower
/// of the two sets the pace; what lies between them is bounded.</summary>
internal sealed class BodyLanding : IAsyncDisposable
{
    private const int Between = 2 << 20;
    private const int ReadSize = 128 << 10;

    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: Between, resumeWriterThreshold: Between / 2, minimumSegmentSize: ReadSize, useSynchronizationContext: false));

    private readonly CancellationTokenSource _stop;
    private readonly Task<LandedBody> _landing;
    private long _bytes;

    /// <param name="raw">Takes the bytes; null only hashes them.</param>
    public BodyLanding(Stream body, Stream? raw, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Content = _pipe.Reader.AsStream();
        _landing = Task.Run(() => LandAsync(body, raw, _stop.Token), CancellationToken.None);
    }

    public Stream Content { get; }

    /// <summary>Landed so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Waits until the body has ended. Whoever stopped reading <see cref="Content"/> earlier gets an exception.</summary>
    public Task<LandedBody> CompleteAsync() => _landing;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Content.DisposeAsync();
        await _landing.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        _stop.Dispose();
    }

    private async Task<LandedBody> LandAsync(Stream body, Stream? raw, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            while (true)
            {
                var memory = _pipe.Writer.GetMemory(ReadSize);
                var read = await body.ReadAsync(memory, cancellationToken);
                if (read == 0)
                    break;

                Volatile.Write(ref _bytes, _bytes + read);
                hash.AppendData(memory.Span[..read]);
                if (raw is not null)
                    await raw.WriteAsync(memory[..read], cancellationToken);
                _pipe.Writer.Advance(read);
                if ((await _pipe.Writer.FlushAsync(cancellationToken)).IsCompleted)
                    throw new OperationCanceledException("Nobody reads the body any more.");
            }
        }
        catch (Exception failure)
        {
            await _pipe.Writer.CompleteAsync(failure);
            throw;
        }

        await _pipe.Writer.CompleteAsync();
        return new LandedBody(_bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
