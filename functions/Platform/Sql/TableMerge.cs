using System.Globalization;
using DataPlatform.Tables;

namespace DataPlatform.Sql;

/// <summary>
/// Copy-on-write merge by key: files that hold replaced rows are rewritten without them, new rows come in files of their own.
/// Within the new rows the last one of a key wins. The caller commits; on <see cref="CommitConflictException"/> it merges again into the
/// newest snapshot.
/// </summary>
public sealed class TableMerge(SqlEngine engine, ParquetStage stage)
{
    private const int FilesPerInsert = 200;

    /// <param name="table">The table merged into.</param>
    /// <param name="target">Its newest version; null when it does not exist yet.</param>
    /// <param name="columns">The columns of the new rows.</param>
    /// <param name="files">The new rows: files that lie under the table's folder and are in no commit yet.</param>
    /// <param name="key">Columns that identify a row. They must hold no NULL: a NULL key equals nothing and would pile up.</param>
    /// <param name="orderBy">The column whose largest value wins among new rows of one key; null when keys do not repeat in
    /// <paramref name="files"/> or any of them may win.</param>
    /// <param name="prefix">For the names of files that are written.</param>
    /// <exception cref="Failures.TerminalException"><c>SchemaMismatch</c>: a column has another type in the table.</exception>
    public Task<MergeResult> MergeAsync(
        TableName table,
        Snapshot? target,
        IReadOnlyList<TableColumn> columns,
        IReadOnlyList<DataFile> files,
        IReadOnlyList<string> key,
        string? orderBy,
        string prefix,
        CancellationToken cancellationToken) => MergeAsync(table, target, columns, files, deletes: [], key, orderBy, partitionBy: [], keysDiffer: false, prefix, cancellationToken);

    /// <param name="deletes">Files with the keys whose rows are taken out, unless new rows have them too.</param>
    /// <param name="partitionBy">What the table's files are divided by; those of the new rows may be or not.</param>
    /// <param name="keysDiffer">Whether it is known that no key repeats in <paramref name="files"/>.</param>
    /// <inheritdoc cref="MergeAsync(TableName, Snapshot?, IReadOnlyList{TableColumn}, IReadOnlyList{DataFile}, IReadOnlyList{string}, string?, string, CancellationToken)"/>
    public async Task<MergeResult> MergeAsync(
        TableName table,
        Snapshot? target,
        IReadOnlyList<TableColumn> columns,
        IReadOnlyList<DataFile> files,
        IReadOnlyList<DataFile> deletes,
        IReadOnlyList<string> key,
        string? orderBy,
        IReadOnlyList<string> partitionBy,
        bool keysDiffer,
        string prefix,
        CancellationToken cancellationToken)
    {
        if (key.Count == 0)
            throw new ArgumentException("A merge needs a key.", nameof(key));

        var merged = target is null ? columns : SchemaRules.Merge(table, target.Columns, columns, adds: true, allowNew: true);
        if (files.Count == 0 && (deletes.Count == 0 || target is null))
            return new MergeResult(target?.Version ?? -1, merged, [], [], 0, 0, 0);

        var span = WholeNumbers.OfKey(columns, key, files);
        var count = files.All(file => file.Statistics is not null) ? files.Sum(file => file.Statistics!.Rows) : (long?)null;
        var divided = files.All(file => file.PartitionValues.Count == partitionBy.Count && partitionBy.All(file.PartitionValues.ContainsKey));
        var candidates = deletes.Count == 0 && span is { } numbers ? Candidates(target, key, numbers) : null;
        if (keysDiffer && divided && count is { } news && candidates is { Count: 0 })
            return new MergeResult(target?.Version ?? -1, merged, files, [], news, 0, 0);

        await using var session = await engine.OpenAsync(cancellationToken);
        var keys = SqlText.Identifiers(key);
        var staged = await session.LeaseAsync(table, files, cancellationToken);
        await session.ExecuteAsync(
            $"CREATE VIEW staged AS {PartitionedRelation.Of(columns, files, staged, instants: true, alike: true)}", cancellationToken);

        // The joins below probe the keys, and a repeated one shows that the staged files cannot be taken as they are.
        var gone = SqlText.Identifier("gone" + Guid.NewGuid().ToString("N")); // no column has this name
        long rows, distinct;
        if (keysDiffer && count is { } all && deletes.Count == 0)
        {
            await MergeKeys.ShowAsync(session, keys, gone, cancellationToken);
            (rows, distinct) = (all, all);
        }
        else
        {
            (rows, distinct) = await MergeKeys.CreateAsync(session, key, span, count, gone, grow: deletes.Count > 0, cancellationToken);
        }

        var both = await AddDeletesAsync(session, table, columns, deletes, key, gone, cancellationToken);

        List<DataFile> add = [];
        var division = new ParquetOptions { PartitionBy = partitionBy };
        if (rows == distinct && divided)
        {
            add.AddRange(files);
        }
        else
        {
            var order = orderBy is null ? "" : $" ORDER BY {SqlText.Identifier(orderBy)} DESC";
            var chosen = rows == distinct ? "" : $" QUALIFY row_number() OVER (PARTITION BY {keys}{order}) = 1";
            using var last = await stage.WriteAsync(session, $"SELECT * FROM staged{chosen}", division, cancellationToken);
            add.AddRange(await stage.UploadAsync(last, table, prefix, cancellationToken));
        }

        var touched = target is null ? [] : await TouchedAsync(session, target, key, candidates, gone, cancellationToken);
        if (touched.Count > 0)
        {
            await session.MountAsync(
                "touched",
                target! with { Columns = merged },
                new MountOptions { Files = [.. touched.Select(t => t.File)], SystemColumns = true, DeletedRows = true, Instants = true },
                cancellationToken);
            using var kept = await stage.WriteAsync(
                session, $"SELECT * FROM touched ANTI JOIN keys USING ({keys})", division, cancellationToken);
            add.AddRange(await stage.UploadAsync(kept, table, prefix, cancellationToken));
        }

        var updated = touched.Sum(t => t.Updated);
        return new MergeResult(
            target?.Version ?? -1, merged, add, [.. touched.Select(t => t.File.Path)], distinct - updated, updated, rows - distinct)
        {
            Deleted = touched.Sum(t => t.Deleted),
            WrittenAndDeleted = both,
        };
    }

    /// <summary>Puts the keys to delete beside those of the new rows.</summary>
    /// <returns>How many keys are of both.</returns>
    private static async Task<long> AddDeletesAsync(
        SqlSession session,
        TableName table,
        IReadOnlyList<TableColumn> columns,
        IReadOnlyList<DataFile> deletes,
        IReadOnlyList<string> key,
        string gone,
        CancellationToken cancellationToken)
    {
        if (deletes.Count == 0)
            return 0;

        var keys = SqlText.Identifiers(key);
        var keyColumns = columns.Where(column => key.Contains(column.Name, StringComparer.OrdinalIgnoreCase)).ToArray();
        var local = await session.LeaseAsync(table, deletes, cancellationToken);
        await session.ExecuteAsync(
            $"CREATE TABLE deletes AS SELECT DISTINCT {keys} FROM ({PartitionedRelation.Of(keyColumns, deletes, local, instants: true, alike: true)})",
            cancellationToken);
        var both = await session.ReadAsync(
            $"SELECT count(*) FROM deletes SEMI JOIN keys USING ({keys})", [], reader => reader.GetInt64(0), cancellationToken);
        await session.ExecuteAsync($"INSERT INTO keys BY NAME SELECT {keys}, true AS {gone} FROM deletes ANTI JOIN keys USING ({keys})", cancellationToken);
        return both[0];
    }

    /// <summary>The files that hold rows with the keys, and how many such rows each holds.</summary>
    /// <param name="candidates">Those that may; null when it is not known yet.</param>
    /// <param name="gone">The column of <c>keys</c> that is true for keys to delete.</param>
    private static async Task<IReadOnlyList<(DataFile File, long Updated, long Deleted)>> TouchedAsync(
        SqlSession session, Snapshot target, IReadOnlyList<string> key, IReadOnlyList<DataFile>? candidates, string gone, CancellationToken cancellationToken)
    {
        // A table that does not have such a column yet has no row with such a key.
        var columns = target.Columns.Where(column => key.Contains(column.Name, StringComparer.OrdinalIgnoreCase)).ToArray();
        if (columns.Length < key.Count)
            return [];
        candidates ??= await CandidatesAsync(session, target, columns, cancellationToken);
        if (candidates.Count == 0)
            return [];

        var local = await session.LeaseAsync(target.Table, candidates, cancellationToken);
        var file = SqlText.Identifier("file" + Guid.NewGuid().ToString("N")); // no column has this name
        var typed = string.Join(", ", columns.Select(c => $"CAST(NULL AS {DeltaTypes.ToSql(c.Type)}) AS {SqlText.Identifier(c.Name)}"));
        var found = await session.ReadAsync(
            $"""
            SELECT {file}, count(*) FILTER (WHERE NOT {gone}), count(*) FILTER (WHERE {gone})
            FROM (SELECT {typed}, '' AS {file} WHERE false UNION ALL BY NAME {PartitionedRelation.Raw(columns, candidates, local, file.Trim('"'), more: null)})
            JOIN keys USING ({SqlText.Identifiers(key)}) GROUP BY {file}
            """,
            [],
            reader => (Path: reader.GetString(0), Updated: reader.GetInt64(1), Deleted: reader.GetInt64(2)),
            cancellationToken);
        var byPath = local.Zip(candidates).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        return [.. found.Select(f => (byPath[f.Path], f.Updated, f.Deleted))];
    }

    /// <summary>The files whose statistics leave room for one of the new keys, which are whole numbers.</summary>
    /// <returns>Null when the target's key is of another type.</returns>
    private static IReadOnlyList<DataFile>? Candidates(Snapshot? target, IReadOnlyList<string> key, WholeNumbers span)
    {
        if (target is null)
            return [];
        var column = target.Columns.FirstOrDefault(column => string.Equals(column.Name, key[0], StringComparison.OrdinalIgnoreCase));
        return column is null ? [] : WholeNumbers.AreIn(column) ? [.. target.Files.Where(file => span.MayBeIn(file, column))] : null;
    }

    /// <summary>The files whose statistics leave room for one of the new keys.</summary>
    private static async Task<IReadOnlyList<DataFile>> CandidatesAsync(
        SqlSession session, Snapshot target, IReadOnlyList<TableColumn> key, CancellationToken cancellationToken)
    {
        var candidates = target.Files;
        foreach (var column in key)
        {
            var name = SqlText.Identifier(column.Name);
            var type = DeltaTypes.ToSql(column.Type);
            await session.ExecuteAsync("CREATE OR REPLACE TABLE bounds (file INTEGER, low VARCHAR, high VARCHAR)", cancellationToken);
            var file = 0;
            foreach (var some in candidates.Chunk(FilesPerInsert))
            {
                var rows = string.Join(", ", some.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"(${(3 * i) + 1}, ${(3 * i) + 2}, ${(3 * i) + 3})")));
                await session.ExecuteAsync(
                    $"INSERT INTO bounds VALUES {rows}",
                    [.. some.SelectMany(IEnumerable<object?> (candidate) => [file++, FileBounds.Low(candidate, column), FileBounds.High(candidate, column)])],
                    cancellationToken);
            }

            var all = candidates;
            var kept = await session.ReadAsync(
                $"""
                SELECT file FROM bounds, (SELECT min({name}) AS low, max({name}) AS high FROM keys) AS new_keys
                WHERE new_keys.low IS NOT NULL
                  AND ({FileBounds.TypedLow("bounds.low", type)} <= new_keys.high) IS NOT FALSE
                  AND ({FileBounds.TypedHigh("bounds.high", type)} >= new_keys.low) IS NOT FALSE
                ORDER BY file
                """,
                [],
                reader => all[reader.GetInt32(0)],
                cancellationToken);
            candidates = kept;
        }

        return candidates;
    }
}
