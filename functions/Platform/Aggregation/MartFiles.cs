using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Aggregation;

/// <summary>
/// Says which files of a mart a refresh rewrites. The files hold ranges of sorted partitions, like the leaves of a tree: a partition belongs to the file whose
/// range it is in, and a new one to the file before it, which grows until it is divided.
/// </summary>
internal static class MartFiles
{
    /// <param name="session">Has <see cref="TouchedPartitions.Relation"/>.</param>
    /// <param name="column">The first column that the mart is sorted by.</param>
    /// <param name="small">Bytes. A smaller file next to one that is rewritten is rewritten with it, so that small files do not add up.</param>
    public static async Task<IReadOnlyList<DataFile>> FindTouchedAsync(
        SqlSession session, Snapshot mart, string column, string type, long small, CancellationToken cancellationToken)
    {
        if (mart.Files.Count == 0)
            return [];

        var ordered = await session.ReadAsync(
            $"""
            WITH files AS (SELECT *, row_number() OVER (ORDER BY low NULLS LAST, file) AS place FROM ({FileBounds.Sql(mart.Files, column, type)})),
                touched AS (SELECT DISTINCT {SqlText.Identifier(column)} AS value FROM {TouchedPartitions.Relation}),
                owned AS (
                    SELECT coalesce(files.place, 1) AS place
                    FROM (SELECT value FROM touched WHERE value IS NOT NULL) AS touched ASOF LEFT JOIN (SELECT low, max(place) AS place FROM files WHERE low IS NOT NULL GROUP BY low) AS files ON touched.value >= files.low
                    UNION ALL SELECT (SELECT max(place) FROM files) WHERE EXISTS (SELECT 1 FROM touched WHERE value IS NULL))
            SELECT file, unknown OR place IN (SELECT place FROM owned)
                OR EXISTS (SELECT 1 FROM touched WHERE touched.value >= files.low AND touched.value <= files.high)
                OR (nulls > 0 AND EXISTS (SELECT 1 FROM touched WHERE value IS NULL))
            FROM files ORDER BY place
            """,
            [],
            reader => (File: mart.Files[reader.GetInt32(0)], IsTouched: reader.GetBoolean(1)),
            cancellationToken);
        var taken = ordered.Select(file => file.IsTouched).ToArray();
        for (var i = 1; i < taken.Length; i++)
            taken[i] |= taken[i - 1] && ordered[i].File.Size < small;
        for (var i = taken.Length - 2; i >= 0; i--)
            taken[i] |= taken[i + 1] && ordered[i].File.Size < small;
        return [.. ordered.Where((_, i) => taken[i]).Select(file => file.File)];
    }
}
