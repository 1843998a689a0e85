using System.Collections.Concurrent;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>
/// The one writer of a process. What waits while a commit is synced to disk shares the next transaction, each operation
/// behind its own savepoint: it is applied whole or not at all, and reported only after the commit.
/// </summary>
internal sealed class StoreWriter : IDisposable
{
    private const int MaxBatch = 256;

    private readonly BlockingCollection<Operation> _queue = [];
    private readonly SqliteSession _session;
    private readonly Thread _thread;

    public StoreWriter(SqliteSession session)
    {
        _session = session;
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
                _session.Execute("BEGIN IMMEDIATE");
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

    private void Apply(Operation operation)
    {
        _session.Execute("SAVEPOINT operation");
        try
        {
            operation.Apply(_session);
        }
        catch (Exception exception)
        {
            // If even this fails the whole batch does: the outer handler rolls back.
            _session.Execute("ROLLBACK TO operation");
            operation.Fail(exception);
        }

        _session.Execute("RELEASE operation");
    }

    private void Abandon()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
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
