using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The SQLite file: write-ahead log, every commit synced to disk.</summary>
internal sealed class DurableStore : IDisposable
{
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly StoreWriter _writer;
    private readonly string _path;
    private SqliteSession? _watcher;
    private long _dataVersion;

    public DurableStore(string path, string hub)
    {
        _path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        SqliteSession session = new(_path);
        try
        {
            UseWriteAheadLog(session);
            session.Execute("PRAGMA wal_autocheckpoint = 4000");
            CreateSchema(session, hub);
            _writer = new StoreWriter(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Folder of the lock files by which processes see that another one has died.</summary>
    public string OwnersFolder => _path + ".owners";

    /// <summary>Applies a change whole or not at all; done only after it is on disk.</summary>
    public Task<T> Write<T>(Func<SqliteSession, T> change) => _writer.Run(change);

    public Task Write(Action<SqliteSession> change) => _writer.Run(change);

    /// <summary>Reads one consistent state.</summary>
    public T Read<T>(Func<SqliteSession, T> query)
    {
        if (!_readers.TryTake(out SqliteSession? session)) session = new SqliteSession(_path);
        try
        {
            session.Execute("BEGIN");
            T result = query(session);
            session.Execute("COMMIT");
            _readers.Add(session);
            return result;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Whether anything was committed since the last call, by any process. Costs next to nothing; for one caller.</summary>
    public bool HasChanged()
    {
        _watcher ??= new SqliteSession(_path);
        long version = (long)_watcher.Scalar("PRAGMA data_version")!;
        bool changed = version != _dataVersion;
        _dataVersion = version;
        return changed;
    }

    public void Dispose()
    {
        _writer.Dispose();
        _watcher?.Dispose();
        while (_readers.TryTake(out SqliteSession? session)) session.Dispose();
    }

    private static void UseWriteAheadLog(SqliteSession session)
    {
        // The switch needs the file alone and does not wait for it by itself, so two first starts may meet here.
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                session.Scalar("PRAGMA journal_mode = WAL");
                return;
            }
            catch (SqliteException exception) when (exception.SqliteErrorCode is 5 or 6 && attempt < 100)
            {
                Thread.Sleep(20);
            }
        }
    }

    private void CreateSchema(SqliteSession session, string hub)
    {
        session.Execute("BEGIN IMMEDIATE");
        long version = (long)session.Scalar("PRAGMA user_version")!;
        foreach (string statement in StoreSchema.Steps.Skip((int)version).SelectMany(step => step)) session.Execute(statement);
        if (version == 0) session.Execute("INSERT INTO hub (name) VALUES (?1)", hub);
        if (version < StoreSchema.Version) session.Execute($"PRAGMA user_version = {StoreSchema.Version}");
        session.Execute("COMMIT");
        if (version > StoreSchema.Version)
        {
            throw new InvalidOperationException(
                $"The durable store {_path} has schema {version}, this program knows {StoreSchema.Version}: use the newer program, or delete the file.");
        }

        string owner = (string)session.Scalar("SELECT name FROM hub")!;
        if (!string.Equals(owner, hub, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"The durable store {_path} belongs to hub '{owner}', host.json says '{hub}' (extensions.durableTask.hubName): "
                + "name the hub as before, or give LocalRuntime:State another folder.");
        }
    }
}
