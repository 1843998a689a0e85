using DataPlatform.Failures;

namespace DataPlatform.Tables.Maintenance;

/// <summary>The files that a table's kept versions consist of. Grows while others commit; never shrinks.</summary>
internal sealed class NeededFiles
{
    private const string Keys = "_keys/";
    private const string KeysEnding = ".keys";

    private readonly DeltaTable _table;
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);
    private long _seen = -1;

    private NeededFiles(DeltaTable table) => _table = table;

    /// <summary>Every version from this one on can be read.</summary>
    public long Oldest { get; private set; } = long.MaxValue;

    public static async Task<NeededFiles> OfAsync(DeltaTable table, long oldest, CancellationToken cancellationToken)
    {
        var needed = new NeededFiles(table);
        await needed.ReachAsync(oldest, cancellationToken);
        return needed;
    }

    /// <summary>Takes in what was committed since, and what an older version needs.</summary>
    public async Task ReachAsync(long oldest, CancellationToken cancellationToken)
    {
        if (oldest < Oldest)
        {
            var state = await FirstFromAsync(oldest, cancellationToken);
            _paths.UnionWith(state.Files.Select(file => DataFiles.Decode(file.Path)));
            _removed.UnionWith(state.Tombstones.Keys);
            (Oldest, _seen) = (state.Version, Oldest == long.MaxValue ? state.Version : Math.Min(_seen, state.Version));
        }

        await foreach (var commit in _table.ReadCommitsAsync(_seen, null, cancellationToken))
        {
            _paths.UnionWith(commit.Added.Select(file => DataFiles.Decode(file.Path)));
            _removed.UnionWith(commit.Removed.Select(file => DataFiles.Decode(file.Path)));
            _seen = commit.Version;
        }
    }

    /// <param name="relative">Below the table.</param>
    /// <returns>Null for what is none of the table's data, and no business of ours.</returns>
    public FileUse? UseOf(string relative)
    {
        var file = relative;
        if (relative.StartsWith(Keys, StringComparison.Ordinal))
        {
            var start = relative.IndexOf('/', Keys.Length) + 1;
            if (start == 0 || !relative.EndsWith(KeysEnding, StringComparison.Ordinal))
                return null;
            file = relative[start..^KeysEnding.Length];
        }
        else if (relative[0] == '.' || (relative[0] == '_' && !relative.Split('/')[0].Contains('=', StringComparison.Ordinal)))
        {
            return null;
        }

        return _paths.Contains(file) ? FileUse.Needed : _removed.Contains(file) ? FileUse.Removed : FileUse.Unknown;
    }

    private async Task<TableState> FirstFromAsync(long version, CancellationToken cancellationToken)
    {
        try
        {
            return (await _table.TryGetStateAsync(version, cancellationToken))!;
        }
        catch (TerminalException gone) when (gone.Kind is FailureKind.Gone)
        {
            // Its log was cleaned: what can still be read is kept.
            return (await _table.TryGetStateAsync(await _table.OldestVersionAsync(cancellationToken), cancellationToken))!;
        }
    }
}
