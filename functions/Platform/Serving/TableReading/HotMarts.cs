using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Serving.Queries;
using DataPlatform.Sql;
using DataPlatform.Tables;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Serving.TableReading;

/// <summary>
/// Versions of small marts in the engine's memory, where a query takes a fraction of what it takes over files. A version is loaded, beside the answers, when it is
/// asked for again; what is asked for meanwhile, and what is large, is read from files. A loaded version is whole and never changes: a newer one is another table,
/// and the older goes when nobody reads it any more.
/// </summary>
public sealed class HotMarts(
    [FromKeyedServices(SqlEngine.Serving)] SqlEngine engine, IOptions<PlatformOptions> options, ILogger<HotMarts> logger)
{
    /// <summary>The part of the engine's memory that all may take.</summary>
    private const int MemoryShare = 4;

    /// <summary>The part of that which one may take.</summary>
    private const int SingleShare = 2;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string TableId, long Version), Entry> _entries = [];
    private long _bytes;
    private long _uses;
    private long _names;
    private Task _work = Task.CompletedTask;

    /// <summary>Ends when what has begun is loaded or dropped.</summary>
    internal Task Idle
    {
        get
        {
            lock (_gate)
                return _work;
        }
    }

    private long Limit => options.Value.ServingMemoryBytes / MemoryShare;

    /// <returns>The name of the engine's table, kept until the lease is disposed; null when the version is to be read from files.</returns>
    internal HotLease? TryLease(Snapshot snapshot)
    {
        if (snapshot.Table.Kind is not TableKind.Mart)
            return null;
        lock (_gate)
        {
            var key = (snapshot.TableId, snapshot.Version);
            if (!_entries.TryGetValue(key, out var entry))
            {
                foreach (var (old, _) in _entries.Where(pair => pair.Key.TableId == snapshot.TableId && pair.Value.Name is null).ToList())
                    _entries.Remove(old);
                _entries.Add(key, new Entry());
                return null;
            }

            entry.Used = ++_uses;
            if (entry.IsLoaded)
            {
                entry.Leases++;
                return new HotLease(entry.Name!, () => Release(entry));
            }

            if (entry.Name is null && EstimateOf(snapshot) is { } bytes && bytes <= Limit / SingleShare)
            {
                (entry.Name, entry.Bytes) = (string.Create(CultureInfo.InvariantCulture, $"hot_{++_names}"), bytes);
                Begin(() => LoadAsync(snapshot, key, entry));
            }

            return null;
        }
    }

    /// <summary>One after another, so that memory is not taken twice at a time.</summary>
    private void Begin(Func<Task> work) => _work = _work.ContinueWith(_ => work(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();

    private async Task LoadAsync(Snapshot snapshot, (string TableId, long Version) key, Entry entry)
    {
        try
        {
            await using var session = await engine.OpenReaderAsync(CancellationToken.None);
            var local = await session.LeaseAsync(snapshot.Table, snapshot.Files, CancellationToken.None);
            var relation = SqlSession.RelationOf(snapshot, new MountOptions { Instants = true, SystemColumns = true }, local);
            await session.ExecuteAsync($"CREATE TABLE {entry.Name} AS {relation}", CancellationToken.None);
        }
        catch (Exception exception) when (exception is TransientException or TerminalException or Lake.ObjectNotFoundException)
        {
            // The version goes on being read from files; the next one is tried again.
            Log.MartNotLoaded(logger, snapshot.Table.Name, snapshot.Version, exception);
            return;
        }

        lock (_gate)
        {
            entry.IsLoaded = true;
            _bytes += entry.Bytes;
            foreach (var (other, older) in _entries.ToList())
            {
                if (other.TableId == key.TableId && other.Version < key.Version)
                    Retire(other, older);
            }

            while (_bytes > Limit && _entries.Where(pair => pair.Value.IsLoaded).OrderBy(pair => pair.Value.Used).FirstOrDefault() is { Value: not null } oldest)
                Retire(oldest.Key, oldest.Value);
        }
    }

    private void Retire((string TableId, long Version) key, Entry entry)
    {
        if (!entry.IsLoaded)
            return;
        _entries.Remove(key);
        _bytes -= entry.Bytes;
        entry.IsRetired = true;
        if (entry.Leases == 0)
            Begin(() => DropAsync(entry));
    }

    private void Release(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Leases == 0 && entry.IsRetired)
                Begin(() => DropAsync(entry));
        }
    }

    private async Task DropAsync(Entry entry)
    {
        await using var session = await engine.OpenReaderAsync(CancellationToken.None);
        await session.ExecuteAsync($"DROP TABLE {entry.Name}", CancellationToken.None);
    }

    /// <returns>Bytes, roughly; null when it cannot be told, or columns hold more than a query should keep in memory.</returns>
    private static long? EstimateOf(Snapshot snapshot)
    {
        if (snapshot.Rows is not { } rows)
            return null;
        var width = 0L;
        foreach (var column in snapshot.Columns)
        {
            if (Width(column) is not { } bytes)
                return null;
            width += bytes;
        }

        return rows * width;
    }

    private static int? Width(TableColumn column) => column.Type switch
    {
        "boolean" or "byte" => 1,
        "string" => 32,
        "short" or "integer" or "float" or "date" => 4,
        "long" or "double" or "timestamp" => 8,
        var type when type.StartsWith("decimal(", StringComparison.Ordinal) => ValueKinds.DecimalFacets(column).Precision <= 18 ? 8 : 16,
        _ => null,
    };

    private sealed class Entry
    {
        /// <summary>Of the engine's table; null until it is asked for again.</summary>
        public string? Name { get; set; }

        public long Bytes { get; set; }

        public bool IsLoaded { get; set; }

        public bool IsRetired { get; set; }

        public int Leases { get; set; }

        public long Used { get; set; }
    }
}
