using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// The one writer of a process. What waits while a commit is synced to disk shares the next transaction, each operation
/// behind its own savepoint: it is applied whole or not at all, and reported only after the commit.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    private const int MaxBatch = 256;

    /// <summary>How long another process may write before it counts as an error.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly BlockingCollection<Operation> _queue = [];
    private readonly SqliteSession _session;
    private readonly Thread _thread;

    public StoreWriter(SqliteSession session)
    {
        _session = session;
        // SQLite waits longer and longer for the lock, up to 100 ms at a time: beside a busy process that is to come late each time.
        _session.Execute("PRAGMA busy_timeout = 1");
        _thread = new Thread(Loop) { IsBackground = true, Name = "durable-store-writer" };
        _thread.Start();
    }

    public Task<T> Run<T>(Func<SqliteSession, T> change)
    {
        Operation<T> operation = new(change);
        try
        {
            _queue.Add(operation);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(StoreWriter), "The durable store is closed: the host is stopping.");
        }

        return operation.Result;
    }

    public Task Run(Action<SqliteSession> change) => Run(session =>
    {
        change(session);
        return true;
    });

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
        _session.Dispose();
    }

    private void Loop()
    {
        List<Operation> batch = [];
        foreach (Operation first in _queue.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            try
            {
                Begin();
                Apply(first);
                while (batch.Count < MaxBatch && _queue.TryTake(out Operation? next))
                {
                    batch.Add(next);
                    Apply(next);
                }

                _session.Execute("COMMIT");
            }
            catch (Exception exception)
            {
                Abandon();
                foreach (Operation operation in batch) operation.Fail(exception);
            }

            foreach (Operation operation in batch) operation.Report();
        }
    }

    private void Begin()
    {
        long started = Stopwatch.GetTimestamp();
        // SQLite has waited a millisecond each time.
        while (!_session.TryBegin())
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
                throw new TimeoutException($"Another process has been writing to the durable store for {Patience.TotalSeconds:0} s.");
        }
    }

    private void Apply(Operation operation)
    {
        _session.Execute("SAVEPOINT operation");
        try
        {
            operation.Apply(_session);
        }
        catch (Exception exception)
        {
            operation.Fail(exception);
            // If even this fails the whole batch does: the outer handler rolls back.
            _session.Execute("ROLLBACK TO operation");
        }

        _session.Execute("RELEASE operation");
    }

    private void Abandon()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // No transaction is open: it never began, or SQLite has rolled it back by itself. The cause is reported.
        }
    }

    private abstract class Operation
    {
        protected Exception? Failure { get; private set; }

        public void Fail(Exception exception) => Failure ??= exception;

        public abstract void Apply(SqliteSession session);

        public abstract void Report();
    }

    private sealed class Operation<T>(Func<SqliteSession, T> change) : Operation
    {
        private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;

        public Task<T> Result => _source.Task;

        public override void Apply(SqliteSession session) => _value = change(session);

        public override void Report()
        {
            if (Failure is not null) _source.SetException(Failure);
            else _source.SetResult(_value!);
        }
    }
}
