using DataPlatform.Failures;
using DataPlatform.Sql;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving.Warehouse;

/// <summary>
/// The workers of this process. At most <see cref="PlatformOptions.QueryWorkers"/> work at one time; further queries wait in a bounded queue. A
/// worker is replaced after some queries, and after each that did not end well.
/// </summary>
public sealed class QueryWorkers(QueryWorkerProgram program, ScratchFolder scratch, IOptions<PlatformOptions> options) : IDisposable
{
    private const int MaxUses = 200;
    private readonly SemaphoreSlim _turns = new(options.Value.QueryWorkers);
    private readonly Stack<WorkerProcess> _idle = [];
    private readonly Lock _gate = new();
    private int _waiting;
    private bool _disposed;

    /// <summary>Has statements parsed.</summary>
    /// <returns>What <c>json_serialize_sql</c> gives for each.</returns>
    /// <exception cref="TerminalException"><c>QueryWorkerLost</c>, <c>QueryTimeout</c>.</exception>
    /// <exception cref="TransientException">Too many queries wait.</exception>
    internal Task<IReadOnlyList<string>> ParseAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken) =>
        UseAsync(
            async worker =>
            {
                await worker.SendAsync(new WorkerRequest(Parse: statements), cancellationToken);
                var (kind, content) = await worker.ReceiveAsync(cancellationToken);
                return kind == FrameKind.Trees
                    ? WorkerProcess.Read<IReadOnlyList<string>>(content)
                    : throw WorkerErrors.Of(WorkerProcess.Read<WorkerFailure>(content), statements[0], options.Value.QueryMemoryBytes);
            },
            cancellationToken);

    /// <summary>Runs a query.</summary>
    /// <param name="write">Is given the body, piece by piece.</param>
    /// <exception cref="TerminalException"><c>SqlError</c>, <c>SqlOutOfMemory</c>, <c>QueryWorkerLost</c>.</exception>
    /// <exception cref="TransientException">Too many queries wait.</exception>
    internal Task<WorkerEnd> RunAsync(WorkerTask task, Func<ReadOnlyMemory<byte>, Task> write, CancellationToken cancellationToken) =>
        UseAsync(
            async worker =>
            {
                await worker.SendAsync(new WorkerRequest(Run: task), cancellationToken);
                while (true)
                {
                    var (kind, content) = await worker.ReceiveAsync(cancellationToken);
                    switch (kind)
                    {
                        case FrameKind.Data:
                            await write(content);
                            break;
                        case FrameKind.End:
                            return WorkerProcess.Read<WorkerEnd>(content);
                        case FrameKind.Failure:
                            throw WorkerErrors.Of(WorkerProcess.Read<WorkerFailure>(content), task.Sql, options.Value.QueryMemoryBytes);
                        default:
                            throw new InvalidDataException("The worker's answer is no answer.");
                    }
                }
            },
            cancellationToken);

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            while (_idle.TryPop(out var worker))
                worker.Dispose();
        }
    }

    private async Task<T> UseAsync<T>(Func<WorkerProcess, Task<T>> use, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        try
        {
            var worker = Take();
            try
            {
                var result = await use(worker);
                if (worker.Uses < MaxUses)
                    Keep(worker);
                else
                    Replace(worker);
                return result;
            }
            catch (Exception exception)
            {
                Replace(worker);
                if (exception is EndOfStreamException or InvalidDataException)
                    throw WorkerErrors.Lost();
                throw;
            }
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        if (_turns.Wait(0, cancellationToken))
            return;
        var queued = Interlocked.Increment(ref _waiting) <= options.Value.QueryQueue;
        try
        {
            if (!queued || !await _turns.WaitAsync(options.Value.QueryQueueWait, cancellationToken))
                throw new TransientException("Too many queries are running and waiting.") { RetryAfter = TimeSpan.FromSeconds(2) };
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private WorkerProcess Take()
    {
        WorkerProcess? worker;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _idle.TryPop(out worker);
        }

        if (worker is { HasExited: true })
        {
            worker.Dispose();
            worker = null;
        }

        worker ??= Start();
        worker.Uses++;
        return worker;
    }

    private void Keep(WorkerProcess worker)
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _idle.Push(worker);
                return;
            }
        }

        worker.Dispose();
    }

    /// <summary>The new one gets ready while nobody waits for it yet.</summary>
    private void Replace(WorkerProcess worker)
    {
        worker.Dispose();
        bool disposed;
        lock (_gate)
            disposed = _disposed;
        if (!disposed)
            Keep(Start());
    }

    private WorkerProcess Start() =>
        WorkerProcess.Start(program, Directory.CreateDirectory(scratch.NewName("queries", "")).FullName, options.Value);
}
