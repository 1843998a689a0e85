using System.Collections.Concurrent;
using DataPlatform.Lake;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DataPlatform.Tables;

/// <summary>The tables of this process: one <see cref="DeltaTable"/> each, since it is the process's one committer and remembers what
/// it has read.</summary>
/// <param name="options">Null takes the defaults.</param>
/// <param name="holds">Without them no log is cleaned.</param>
public sealed class DeltaTables(IObjectStore store, TimeProvider clock, ILoggerFactory loggers, IOptions<PlatformOptions>? options = null, TableHolds? holds = null)
{
    private readonly PlatformOptions _options = options?.Value ?? new PlatformOptions();
    private readonly ConcurrentDictionary<TableName, Lazy<DeltaTable>> _tables = new();
    private readonly ILogger _logger = loggers.CreateLogger<DeltaTable>();

    /// <summary>The table, whether it exists yet or not: its first commit creates it.</summary>
    public DeltaTable Get(TableName name) =>
        _tables.GetOrAdd(name, key => new Lazy<DeltaTable>(() => new DeltaTable(key, store, clock, _options, holds, _logger))).Value;
}
