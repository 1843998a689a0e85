using System.Collections.Concurrent;
using System.Globalization;
using DataPlatform.Lake;
using DuckDB.NET.Data;
using Microsoft.Extensions.Options;

namespace DataPlatform.Sql;

/// <summary>
/// One long-lived DuckDB instance. Sessions share its memory limit and threads; each has its own names. The engine reads and writes
/// local files below the scratch folder and a folder store only, and its settings are locked.
/// </summary>
public sealed class SqlEngine : IDisposable
{
    /// <summary>The key of the engine that answers callers; the one without a key works.</summary>
    public const string Serving = "serving";

    private readonly DuckDBConnection _root;
    private readonly SemaphoreSlim _sessions;
    private readonly SemaphoreSlim _writers;
    private readonly FileCache _cache;
    private readonly DescribedQueries _described = new();
    private readonly ConcurrentBag<DuckDBConnection> _readers = [];
    private long _opened;

    private SqlEngine(string spillFolder, long memoryBytes, long spillBytes, int sessionsPerThread, PlatformOptions options, ScratchFolder scratch, FileCache cache)
    {
        _cache = cache;
        var threads = Math.Clamp(Environment.ProcessorCount, 1, 16);
        MaxSessions = Math.Max(2, threads) * sessionsPerThread;
        _sessions = new SemaphoreSlim(MaxSessions);
        _writers = new SemaphoreSlim(options.SqlWriters);

        List<string> folders = [scratch.Path];
        if (StorageAddress.Parse(options.Storage).Folder is { } folder)
            folders.Add(Path.GetFullPath(folder));

        _root = new DuckDBConnection("DataSource=:memory:");
        try
        {
            _root.Open();
            var megabytes = Math.Max(64, memoryBytes >> 20).ToString(CultureInfo.InvariantCulture);
            var allowed = string.Join(", ", folders.Select(path => SqlText.Literal(path.TrimEnd('/') + "/")));
            foreach (var statement in (string[])[
                "SET TimeZone = 'UTC'",
                "SET Calendar = 'gregorian'",
                $"SET memory_limit = '{megabytes}MiB'",
                $"SET threads = {threads}",
                $"SET temp_directory = {SqlText.Literal(scratch.Folder(spillFolder))}",
                string.Create(CultureInfo.InvariantCulture, $"SET max_temp_directory_size = '{spillBytes >> 20}MiB'"),
                "SET autoinstall_known_extensions = false",
                "SET autoload_known_extensions = false",
                $"SET allowed_directories = [{allowed}]",
                "SET enable_external_access = false",
                "SET lock_configuration = true",
            ])
            {
                using var command = _root.CreateCommand();
                command.CommandText = statement;
                command.ExecuteNonQuery();
            }
        }
        catch
        {
            _root.Dispose();
            throw;
        }
    }

    /// <summary>The engine of what writes tables: pipelines, marts, merges.</summary>
    public static SqlEngine ForWork(IOptions<PlatformOptions> options, ScratchFolder scratch, FileCache cache) =>
        new("spill", options.Value.SqlMemoryBytes, options.Value.ActivityTemporaryBytes, sessionsPerThread: 2, options.Value, scratch, cache);

    /// <summary>The engine of what callers wait for: an instance of its own, so that work neither takes its memory nor its turns. More
    /// sessions, for a slow reader holds one without using it.</summary>
    public static SqlEngine ForServing(IOptions<PlatformOptions> options, ScratchFolder scratch, FileCache cache) =>
        new("spill-serving", options.Value.ServingMemoryBytes, options.Value.ActivityTemporaryBytes, sessionsPerThread: 8, options.Value, scratch, cache);

    /// <summary>Sessions that may be open at one time; further ones wait.</summary>
    public int MaxSessions { get; }

    /// <summary>Opens a session, waiting while too many are open. Dispose it soon: it holds a worker and the files it has mounted.</summary>
    public async Task<SqlSession> OpenAsync(CancellationToken cancellationToken)
    {
        await _sessions.WaitAsync(cancellationToken);
        SqlSession session;
        try
        {
            var name = "s" + Interlocked.Increment(ref _opened).ToString(CultureInfo.InvariantCulture);
            lock (_root)
                session = new SqlSession(_root.Duplicate(), name, _cache, _described, () => _sessions.Release()) { Writers = _writers };
        }
        catch
        {
            _sessions.Release();
            throw;
        }

        try
        {
            await session.StartAsync(cancellationToken);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a session for SELECTs over files that they name themselves. It has no names of its own and costs next to nothing: connections are used
    /// again. Waits while too many sessions are open.</summary>
    public async Task<SqlSession> OpenReaderAsync(CancellationToken cancellationToken)
    {
        await _sessions.WaitAsync(cancellationToken);
        try
        {
            if (!_readers.TryTake(out var connection))
            {
                lock (_root)
                    connection = _root.Duplicate();
                await Task.Run(connection.Open, cancellationToken);
            }

            return new SqlSession(connection, _cache, () =>
            {
                _readers.Add(connection);
                _sessions.Release();
            });
        }
        catch
        {
            _sessions.Release();
            throw;
        }
    }

    public void Dispose()
    {
        while (_readers.TryTake(out var reader))
            reader.Dispose();
        _root.Dispose();
        _sessions.Dispose();
        _writers.Dispose();
    }
}
