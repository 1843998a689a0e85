using DuckDB.NET.Data;

namespace DataPlatform.Sql;

/// <summary>The rows of a running query. Dispose it before the session's next query.</summary>
public sealed class SqlCursor : IDisposable
{
    private static readonly TimeSpan InterruptEvery = TimeSpan.FromMilliseconds(20);

    private readonly DuckDBCommand _command;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _registration;
    private readonly Lock _gate = new();
    private Timer? _interrupts;
    private bool _disposed;

    private SqlCursor(DuckDBConnection connection, string sql, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        _cancellationToken = cancellationToken;
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        _command.UseStreamingMode = true;
        foreach (var parameter in parameters)
            _command.Parameters.Add(parameter is SqlParameter named ? new DuckDBParameter(named.Name, named.Value) : new DuckDBParameter(parameter ?? DBNull.Value));

        // An interrupt that comes before the query has started is lost, so it is repeated until the cursor is disposed.
        _registration = cancellationToken.Register(() =>
        {
            lock (_gate)
            {
                if (!_disposed)
                    _interrupts = new Timer(_ => Interrupt(), state: null, TimeSpan.Zero, InterruptEvery);
            }
        });
        try
        {
            Reader = _command.ExecuteReader();
        }
        catch (Exception exception)
        {
            Dispose();
            if (exception is DuckDBException engine)
                throw SqlErrors.Translate(engine, cancellationToken);
            throw;
        }
    }

    /// <summary>For typed reading; move it with <see cref="Read"/>.</summary>
    public DuckDBDataReader Reader { get; } = null!;

    internal static SqlCursor Open(
        DuckDBConnection connection, string sql, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new SqlCursor(connection, sql, parameters, cancellationToken);
    }

    /// <summary>Moves to the next row; blocks while it is computed.</summary>
    /// <exception cref="OperationCanceledException">The token given to the query was cancelled.</exception>
    public bool Read()
    {
        try
        {
            _cancellationToken.ThrowIfCancellationRequested();
            return Reader.Read();
        }
        catch (DuckDBException exception)
        {
            throw SqlErrors.Translate(exception, _cancellationToken);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _interrupts?.Dispose();
        }

        _registration.Dispose();
        Reader?.Dispose();
        _command.Dispose();
    }

    private void Interrupt()
    {
        lock (_gate)
        {
            if (!_disposed)
                _command.Cancel();
        }
    }
}
