using DataPlatform.Failures;

namespace DataPlatform.Tables;

/// <summary>Reads from commits up to which version a table holds what came to other tables.</summary>
public sealed class TableLineage(DeltaTables tables)
{
    /// <summary>Commits of other programs do not carry inputs: so many are looked behind.</summary>
    private const int MostBehind = 100;

    /// <summary>The inputs of rows that are computed from tables at versions: these, and their own inputs.</summary>
    public async Task<IReadOnlyDictionary<string, TableInput>> OfAsync(
        IEnumerable<(TableName Table, string TableId, long Version)> sources, CancellationToken cancellationToken)
    {
        List<IReadOnlyDictionary<string, TableInput>> all = [];
        foreach (var (table, id, version) in sources)
        {
            all.Add(new Dictionary<string, TableInput> { [table.Name] = new(id, version, version) });
            foreach (var inputs in (await ReadAsync(table, version, cancellationToken)).Values)
                all.Add(inputs.ToDictionary(input => input.Key, input => input.Value with { Read = null }));
        }

        return TableInputs.Together(all);
    }

    /// <summary>The inputs of a table at a version, by the names of its writers; empty when it has none.</summary>
    public async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, TableInput>>> ReadAsync(
        TableName table, long version, CancellationToken cancellationToken)
    {
        // Nothing but ingestion writes datasets.
        if (table.Kind == TableKind.Dataset)
            return TableInputs.Read(null);
        for (var at = version; at >= 0 && at > version - MostBehind; at--)
        {
            if (await TryReadCommitAsync(table, at, cancellationToken) is not { } commit)
                break;
            if (commit.Info.ContainsKey(CommitInfoNames.InputsBy))
                return TableInputs.Read(commit.Info);
        }

        return TableInputs.Read(null);
    }

    /// <returns>Null when the log does not have it any more.</returns>
    public async Task<Commit?> TryReadCommitAsync(TableName table, long version, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var commit in tables.Get(table).ReadCommitsAsync(version - 1, version, cancellationToken))
                return commit;
        }
        catch (TerminalException gone) when (gone.Kind == FailureKind.Gone)
        {
            // The same answer.
        }

        return null;
    }
}
