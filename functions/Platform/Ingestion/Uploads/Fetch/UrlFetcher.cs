using System.Buffers;
using System.Globalization;
using System.Net;
using DataPlatform.Failures;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>
/// Brings remote files into the object store, as parts. A transfer that is cut off goes on where it ended, as long as the remote file is
/// still the same; a process that dies leaves the checkpoint it noted last, and another goes on from there.
/// </summary>
public sealed class UrlFetcher : IDisposable
{
    private const int BufferSize = 128 << 10;
    private static readonly TimeSpan NoteEvery = TimeSpan.FromSeconds(1);

    private readonly IObjectStore _objects;
    private readonly FetchPolicy _policy;
    private readonly FetchLimits _limits;
    private readonly HttpMessageInvoker _http;
    private readonly FetchExchange _exchange;
    private readonly TimeProvider _clock;
    private readonly ILogger<UrlFetcher> _logger;

    public UrlFetcher(IObjectStore objects, IOptions<PlatformOptions> options, TimeProvider clock, ILogger<UrlFetcher> logger)
        : this(objects, new FetchPolicy(options.Value), FetchLimits.Of(options.Value), Dns.GetHostAddressesAsync, clock, logger)
    {
    }

    internal UrlFetcher(
        IObjectStore objects, FetchPolicy policy, FetchLimits limits, Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider clock,
        ILogger<UrlFetcher> logger)
    {
        _objects = objects;
        _policy = policy;
        _limits = limits;
        _http = new FetchConnections(policy, limits, resolve).Open();
        _exchange = new FetchExchange(_http, policy, limits, clock);
        _clock = clock;
        _logger = logger;
    }

    /// <summary>Checks what can be told without a connection.</summary>
    /// <exception cref="TerminalException"><c>InvalidUrl</c>, <c>AddressRefused</c>, <c>FetchTooLarge</c>.</exception>
    public void Check(FetchRequest request)
    {
        var url = _policy.Check(request.Url);
        if (request.Bytes > _limits.MaxBytes)
            throw FetchFailures.TooLarge(url, _limits.MaxBytes);
    }

    /// <summary>Fetches, for some minutes at most.</summary>
    /// <param name="folder">Where the parts go; for this file only.</param>
    /// <param name="resume">What an earlier call noted or returned; null begins.</param>
    /// <param name="note">Keeps a checkpoint: for each part, and each second to tell how far it is.</param>
    /// <returns>The last checkpoint; unless it is complete, call again.</returns>
    /// <exception cref="TerminalException">As <see cref="Check"/>; <c>FetchFailed</c>; <c>ContentDiffers</c>; <c>UnsupportedMediaType</c>.</exception>
    /// <exception cref="TransientException">The object store, or <paramref name="note"/>.</exception>
    public async Task<FetchCheckpoint> FetchAsync(
        FetchRequest request, LakePath folder, FetchCheckpoint? resume, Func<FetchProgress, CancellationToken, Task> note, CancellationToken cancellationToken)
    {
        Check(request);
        if (resume is { IsComplete: true })
            return resume;

        await using var run = new FetchRun(request, _policy.Check(request.Url), new PartSink(_objects, folder, _limits.PartBytes))
        {
            Checkpoint = resume ?? new FetchCheckpoint { Started = _clock.GetUtcNow() },
        };
        await run.Sink.ResetAsync(run.Checkpoint.Parts);
        await HashPartsAsync(run, folder, cancellationToken);
        return await WorkAsync(run, note, cancellationToken);
    }

    /// <summary>The bytes of a complete fetch.</summary>
    public Stream Open(LakePath folder, FetchCheckpoint checkpoint) => new PartsStream(_objects, folder, checkpoint.Parts);

    public void Dispose() => _http.Dispose();

    private async Task<FetchCheckpoint> WorkAsync(FetchRun run, Func<FetchProgress, CancellationToken, Task> note, CancellationToken cancellationToken)
    {
        var sliceEnd = _clock.GetUtcNow() + _limits.Slice;
        for (var failures = 0; ;)
        {
            CheckDeadline(run);
            if (_clock.GetUtcNow() >= sliceEnd)
                return await PauseAsync(run, note, cancellationToken);

            var before = run.Sink.Bytes;
            try
            {
                run.Checkpoint = run.Checkpoint with { Attempts = run.Checkpoint.Attempts + 1 };
                if (await TakeAsync(run, sliceEnd, note, cancellationToken))
                    return await EndAsync(run, note, cancellationToken);
            }
            catch (FetchInterruptedException fault)
            {
                failures = run.Sink.Bytes > before ? 1 : failures + 1;
                Log.FetchInterrupted(_logger, run.Url.Shown, run.Sink.Bytes, fault.Message);
                if (failures >= _limits.MaxFailures || run.Checkpoint.Attempts >= _limits.MaxAttempts)
                    throw FetchFailures.Refused(run.Url, $"{fault.Message}, after {run.Checkpoint.Attempts} requests and {run.Sink.Bytes} bytes. Send the request again later.");
                await Task.Delay(fault.AtOnce ? TimeSpan.Zero : fault.Wait ?? Backoff(failures), _clock, cancellationToken);
            }
        }
    }

    private TimeSpan Backoff(int failures)
    {
        var delay = _limits.FirstDelay * Math.Pow(2, failures - 1);
        return delay < _limits.MaxDelay ? delay : _limits.MaxDelay;
    }

    /// <summary>One request and what comes of it.</summary>
    /// <returns>Whether the file is at its end; false when the time slice is.</returns>
    private async Task<bool> TakeAsync(FetchRun run, DateTimeOffset sliceEnd, Func<FetchProgress, CancellationToken, Task> note, CancellationToken cancellationToken)
    {
        if (run.Sink.Bytes > 0 && run.Checkpoint.Validator is null)
            await RestartAsync(run, "its server does not tell whether the file stays the same, and the transfer is cut off");

        var offset = run.Sink.Bytes;
        using var response = await _exchange.SendAsync(run.Url, offset, run.Checkpoint.Validator, cancellationToken);
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                if (offset > 0)
                    await RestartAsync(run, "its file changes, or its server does not continue transfers that are cut off");
                Begin(run, response);
                break;
            case HttpStatusCode.PartialContent when offset > 0 && FetchAnswer.Continues(response, run.Checkpoint, offset):
                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable when offset > 0 && FetchAnswer.IsAtEnd(response, run.Checkpoint, offset):
                return true;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PreconditionFailed when offset > 0:
                await RestartAsync(run, "its file changes while it is fetched");
                throw new FetchInterruptedException("its file changes while it is fetched") { AtOnce = true };
            default:
                throw FetchAnswer.Failure(response, run.Url, _limits, _clock.GetUtcNow());
        }

        return await ReadAsync(run, response, sliceEnd, note, cancellationToken);
    }

    private async Task RestartAsync(FetchRun run, string reason)
    {
        if (run.Checkpoint.Restarts >= _limits.MaxRestarts)
            throw FetchFailures.Refused(run.Url, $"{reason}; it was begun anew {_limits.MaxRestarts} times.");
        run.Checkpoint = run.Checkpoint with { Parts = [], Validator = null, Total = null, Restarts = run.Checkpoint.Restarts + 1 };
        await run.Sink.ResetAsync([]);
        run.Hash?.GetHashAndReset();
    }

    private void Begin(FetchRun run, HttpResponseMessage response)
    {
        var length = response.Content.Headers.ContentLength;
        if (length > _limits.MaxBytes)
            throw FetchFailures.TooLarge(run.Url, _limits.MaxBytes);
        if (run.Request.Bytes is { } bytes && length is { } told && told != bytes)
            throw FetchFailures.Differs(run.Url, string.Create(CultureInfo.InvariantCulture, $"it has {told} bytes, not {bytes}"), "$.bytes");

        var (type, encoding) = FetchMedia.Of(
            run.Request, run.Url, response.Content.Headers.ContentType?.ToString(), string.Join(", ", response.Content.Headers.ContentEncoding));
        run.Checkpoint = run.Checkpoint with
        {
            Validator = FetchAnswer.ValidatorOf(response),
            Total = length,
            ContentType = type,
            ContentEncoding = encoding,
        };
    }

    private async Task<bool> ReadAsync(
        FetchRun run, HttpResponseMessage response, DateTimeOffset sliceEnd, Func<FetchProgress, CancellationToken, Task> note, CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(_limits.IdleTimeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(both.Token);
            for (int read; (read = await ReadAsync(body, buffer, both.Token, cancellationToken)) > 0;)
            {
                // What the store takes its time for is not the server's silence.
                silence.CancelAfter(Timeout.InfiniteTimeSpan);
                if (run.Sink.Bytes + read > Math.Min(_limits.MaxBytes, run.Request.Bytes ?? long.MaxValue))
                    throw run.Request.Bytes is { } bytes ? FetchFailures.Differs(run.Url, $"it has more than {bytes} bytes", "$.bytes") : FetchFailures.TooLarge(run.Url, _limits.MaxBytes);

                run.Hash?.AppendData(buffer.AsSpan(0, read));
                var whole = await run.Sink.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                await NoteAsync(run, note, always: whole, cancellationToken);
                CheckDeadline(run);
                if (_clock.GetUtcNow() >= sliceEnd && run.Checkpoint.Validator is not null && run.Sink.Bytes != run.Checkpoint.Total)
                    return false;
                silence.CancelAfter(_limits.IdleTimeout);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (run.Checkpoint.Total is { } total && run.Sink.Bytes != total)
            throw new FetchInterruptedException("its server ends the transfer early");
        return true;
    }

    private static async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken timed, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(buffer.AsMemory(0, BufferSize), timed);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FetchInterruptedException("its server falls silent", fault);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            throw new FetchInterruptedException("its server cuts off the transfer", fault);
        }
    }

    private async Task<FetchCheckpoint> PauseAsync(FetchRun run, Func<FetchProgress, CancellationToken, Task> note, CancellationToken cancellationToken)
    {
        await run.Sink.CloseAsync(cancellationToken);
        await NoteAsync(run, note, always: true, cancellationToken);
        return run.Checkpoint;
    }

    private async Task<FetchCheckpoint> EndAsync(FetchRun run, Func<FetchProgress, CancellationToken, Task> note, CancellationToken cancellationToken)
    {
        if (run.Sink.Bytes < run.Request.Bytes)
            throw FetchFailures.Differs(run.Url, $"it has {run.Sink.Bytes} bytes, not {run.Request.Bytes}", "$.bytes");
        if (run.Hash is { } hash && Convert.ToHexStringLower(hash.GetCurrentHash()) != run.Request.Sha256)
            throw FetchFailures.Differs(run.Url, "its SHA-256 is another", "$.sha256");

        run.Checkpoint = run.Checkpoint with { IsComplete = true, Total = run.Sink.Bytes };
        Log.Fetched(_logger, run.Url.Shown, run.Sink.Bytes, run.Checkpoint.Attempts);
        return await PauseAsync(run, note, cancellationToken);
    }

    private async Task NoteAsync(FetchRun run, Func<FetchProgress, CancellationToken, Task> note, bool always, CancellationToken cancellationToken)
    {
        if (!always && _clock.GetElapsedTime(run.Noted) < NoteEvery)
            return;
        run.Noted = _clock.GetTimestamp();
        run.Checkpoint = run.Checkpoint with { Parts = run.Sink.Parts };
        await note(new FetchProgress(run.Checkpoint, run.Sink.Bytes), cancellationToken);
    }

    private void CheckDeadline(FetchRun run)
    {
        if (_clock.GetUtcNow() - run.Checkpoint.Started >= _limits.Deadline)
            throw FetchFailures.Refused(run.Url, $"{run.Sink.Bytes} bytes came in {_limits.Deadline:c}, which is all the time it has (setting 'FetchDeadline').");
    }

    private async Task HashPartsAsync(FetchRun run, LakePath folder, CancellationToken cancellationToken)
    {
        if (run.Hash is not { } hash || run.Checkpoint.Parts.Count == 0)
            return;

        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        await using var parts = Open(folder, run.Checkpoint);
        for (int read; (read = await parts.ReadAsync(buffer, cancellationToken)) > 0;)
            hash.AppendData(buffer.AsSpan(0, read));
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
