using DataPlatform.Catalog;
using DataPlatform.Sql;

namespace DataPlatform.Aggregation;

/// <summary>The touched partitions as a few ranges of a source column's values, so that what lies between need not be read.</summary>
/// <param name="Ranges">Ascending, as text of the column's type.</param>
/// <param name="IsOpen">Whether the last value of a range is the first behind it.</param>
/// <param name="HasNull">Whether rows without a value are touched as well.</param>
internal sealed record ValueRanges(IReadOnlyList<(string First, string Last)> Ranges, bool IsOpen, bool HasNull)
{
    private const int Most = 16;

    /// <param name="session">Has <see cref="TouchedPartitions.Relation"/>.</param>
    /// <returns>Null when there are values that no range tells, such as infinity.</returns>
    public static async Task<ValueRanges?> ReadAsync(SqlSession session, PartitionSource partition, CancellationToken cancellationToken)
    {
        var value = SqlText.Identifier(partition.Dimension);
        var type = partition.Column.Type == "timestamp" ? "TIMESTAMP" : DeltaTypes.ToSql(partition.Column.Type);
        var isTime = type is "DATE" or "TIMESTAMP";
        var distance = isTime ? "epoch(value) - epoch(before)" : type == "VARCHAR" ? "0" : "CAST(value AS DOUBLE) - CAST(before AS DOUBLE)";
        var usual = isTime ? "isfinite(value) AND year(value) BETWEEN 1 AND 100000" : "true";
        var end = partition.Grain is { } grain ? $"CAST(before + INTERVAL 1 {EnumNames.Of(grain)} AS {type})" : "before";
        var all = await session.ReadAsync(
            $"""
            WITH vals AS (SELECT DISTINCT {value} AS value FROM {TouchedPartitions.Relation}),
                neighbours AS (SELECT value, lag(value) OVER (ORDER BY value) AS before FROM vals WHERE value IS NOT NULL AND {usual}),
                gaps AS (SELECT value, before FROM neighbours WHERE before IS NOT NULL ORDER BY {distance} DESC LIMIT {(type == "VARCHAR" ? 0 : Most - 1)}),
                firsts AS (SELECT value FROM gaps UNION ALL SELECT min(value) FROM neighbours),
                lasts AS (SELECT before FROM gaps UNION ALL SELECT max(value) FROM neighbours)
            SELECT (SELECT list({Text("value")} ORDER BY value) FROM firsts), (SELECT list({Text(end)} ORDER BY before) FROM lasts),
                (SELECT coalesce(bool_and({usual}), true) FROM vals WHERE value IS NOT NULL), (SELECT count(*) > count(value) FROM vals)
            """,
            [],
            reader => (Firsts: reader.GetFieldValue<List<string?>>(0), Lasts: reader.GetFieldValue<List<string?>>(1), IsUsual: reader.GetBoolean(2), HasNull: reader.GetBoolean(3)),
            cancellationToken);
        var (firsts, lasts, isUsual, hasNull) = all[0];
        return isUsual
            ? new ValueRanges([.. firsts.Zip(lasts).Where(pair => pair.First is not null).Select(pair => (pair.First!, pair.Second!))], partition.Grain is not null, hasNull)
            : null;

        // A timestamp always has its time, which a date as text has not.
        string Text(string expression) => $"CAST(CAST({expression} AS {type}) AS VARCHAR)";
    }
}
