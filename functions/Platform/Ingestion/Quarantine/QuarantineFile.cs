using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>The quarantine object of an attempt; it comes into being with the first broken row.</summary>
internal sealed class QuarantineFile(IObjectStore objects, LakePath path) : IAsyncDisposable
{
    private ObjectWriteStream? _target;

    public async ValueTask DrainAsync(QuarantineBuffer rows, CancellationToken cancellationToken)
    {
        if (rows.Length == 0)
            return;
        _target ??= await objects.OpenWriteAsync(path, PutCondition.IfAbsent, "application/x-ndjson", cancellationToken);
        await _target.WriteAsync(rows.Written, cancellationToken);
        rows.Clear();
    }

    /// <returns>Null when no row was broken.</returns>
    public async Task<LakePath?> CompleteAsync(CancellationToken cancellationToken)
    {
        if (_target is null)
            return null;
        if (await _target.CompleteAsync(cancellationToken) is null)
            throw new TransientException($"There is a quarantine file '{path}' already. Send the batch again.");
        return path;
    }

    public ValueTask DisposeAsync() => _target?.DisposeAsync() ?? ValueTask.CompletedTask;
}
