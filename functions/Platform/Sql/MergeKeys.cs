namespace DataPlatform.Sql;

/// <summary>The keys of a merge's new rows: the relation <c>keys</c> of its session.</summary>
internal static class MergeKeys
{
    /// <summary>Shows the keys of <c>staged</c> as <c>keys</c>, each once.</summary>
    /// <param name="span">The span of a key that is one column of whole numbers; null for other keys.</param>
    /// <param name="rows">Rows of <c>staged</c>; null when they have to be counted.</param>
    /// <param name="gone">A column of theirs that is false for all of them.</param>
    /// <param name="grow">Whether keys will be added.</param>
    /// <returns>How many rows there are, and how many keys: fewer when one repeats.</returns>
    public static async Task<(long Rows, long Keys)> CreateAsync(
        SqlSession session, IReadOnlyList<string> key, WholeNumbers? span, long? rows, string gone, bool grow, CancellationToken cancellationToken)
    {
        var keys = SqlText.Identifiers(key);
        if (!grow && rows is { } all && span is { } numbers && numbers.IsDense(all) && await AreDifferentAsync(session, key[0], numbers, all, cancellationToken))
        {
            await ShowAsync(session, keys, gone, cancellationToken);
            return (all, all);
        }

        // Kept once: the joins probe them.
        await session.ExecuteAsync($"CREATE TABLE keys AS SELECT DISTINCT {keys}, false AS {gone} FROM staged", cancellationToken);
        var counts = await session.ReadAsync(
            "SELECT (SELECT count(*) FROM staged), (SELECT count(*) FROM keys)",
            [],
            reader => (reader.GetInt64(0), reader.GetInt64(1)),
            cancellationToken);
        return counts[0];
    }

    /// <summary>Shows the keys of <c>staged</c>, of which none repeats, as <c>keys</c>.</summary>
    public static Task ShowAsync(SqlSession session, string keys, string gone, CancellationToken cancellationToken) =>
        session.ExecuteAsync($"CREATE VIEW keys AS SELECT {keys}, false AS {gone} FROM staged", cancellationToken);

    /// <summary>Whole numbers that lie close together, as those of sequences do, are seen to be different in a bitmap: that takes an eighth of the
    /// time, and a hundredth of the memory, of gathering them.</summary>
    private static async Task<bool> AreDifferentAsync(SqlSession session, string key, WholeNumbers span, long rows, CancellationToken cancellationToken)
    {
        var different = await session.ReadAsync($"SELECT {span.CountDifferent(key)} FROM staged", [], reader => reader.GetInt64(0), cancellationToken);
        return different[0] == rows;
    }
}
