using System.Text.Json;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class TableMergeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Any_sequence_of_merges_gives_what_a_dictionary_holds(int seed)
    {
        var random = new Random(seed);
        await using var bed = new SqlBed();
        Dictionary<(int, string), int> expected = [];
        Snapshot? snapshot = null;

        for (var batch = 0; batch < 6; batch++)
        {
            var rows = Enumerable.Range(0, random.Next(1, 40))
                .Select(row => (Row: row, A: random.Next(12), B: ((char)('a' + random.Next(3))).ToString(), Value: random.Next(1000)))
                .ToList();
            var before = expected.Count;
            var known = rows.Select(row => (row.A, row.B)).Distinct().Count(expected.ContainsKey);
            foreach (var row in rows)
                expected[(row.A, row.B)] = row.Value;

            var values = string.Join(", ", rows.OrderBy(_ => random.Next()).Select(row => $"({row.A}, '{row.B}', {row.Value}, {row.Row})"));
            var (columns, files) = await bed.WriteAsync($"SELECT * FROM (VALUES {values}) t (a, b, value, _row)");
            var merge = await bed.Merge.MergeAsync(SqlBed.Table, snapshot, columns, files, ["a", "b"], "_row", "m", Token);

            Assert.Equal(snapshot?.Version ?? -1, merge.ReadVersion);
            Assert.Equal(expected.Count - before, merge.Inserted);
            Assert.Equal(known, merge.Updated);
            Assert.Equal(rows.Count, merge.Inserted + merge.Updated + merge.Superseded);
            snapshot = Apply(snapshot, merge);
        }

        Assert.Equal(expected.Count, snapshot!.Rows);
        Assert.Equal(
            expected.Select(pair => $"{pair.Key.Item1}|{pair.Key.Item2}|{pair.Value}").Order(StringComparer.Ordinal),
            (await RowsAsync(bed, snapshot, "SELECT a, b, value FROM t")).Order(StringComparer.Ordinal));
    }

    /// <summary>Whole numbers that are known to differ take shorter ways: past the engine when no file can have them, past the counting when one can.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Merges_of_numbers_known_to_differ_give_what_a_dictionary_holds(int seed)
    {
        var random = new Random(seed);
        await using var bed = new SqlBed();
        Dictionary<long, int> expected = [];
        Snapshot? snapshot = null;
        for (var batch = 0; batch < 8; batch++)
        {
            var from = batch % 2 == 0 ? 1_000 * batch : random.Next(1_000 * batch);
            var rows = Enumerable.Range(from, random.Next(1, 60)).Where(_ => random.Next(3) > 0).Append(from).Distinct().ToDictionary(id => (long)id, _ => random.Next(1000));
            var known = rows.Keys.Count(expected.ContainsKey);
            foreach (var (id, value) in rows)
                expected[id] = value;

            var values = string.Join(", ", rows.Select(row => $"({row.Key}::BIGINT, {row.Value})"));
            var (columns, files) = await bed.WriteAsync($"SELECT * FROM (VALUES {values}) t (id, value)");
            var merge = await bed.Merge.MergeAsync(SqlBed.Table, snapshot, columns, files, deletes: [], ["id"], null, [], keysDiffer: true, "m", Token);
            Assert.Equal((rows.Count - known, known, 0), (merge.Inserted, merge.Updated, merge.Superseded));
            Assert.Equal(known == 0, merge.Remove.Count == 0);
            snapshot = Apply(snapshot, merge);
        }

        Assert.Equal(
            expected.Select(pair => $"{pair.Key}|{pair.Value}").Order(StringComparer.Ordinal),
            (await RowsAsync(bed, snapshot!, "SELECT id, value FROM t")).Order(StringComparer.Ordinal));
    }

    /// <summary>Whole numbers close together are counted in another way than other keys: both see each repetition, and the bounds of types.</summary>
    [Theory]
    [InlineData("range::BIGINT AS id", 1000, 0)]
    [InlineData("range::INTEGER - 500 AS id", 1000, 0)]
    [InlineData("(range // 2)::BIGINT AS id", 1000, 500)]
    [InlineData("CASE range WHEN 999 THEN 0 ELSE range END::INTEGER AS id", 1000, 1)]
    [InlineData("range * 1000000007 AS id", 1000, 0)]
    [InlineData("(range // 10) * 1000000007 AS id", 1000, 900)]
    [InlineData("CASE range WHEN 0 THEN -9223372036854775807 - 1 WHEN 1 THEN 9223372036854775807 ELSE range END::BIGINT AS id", 1000, 0)]
    [InlineData("9223372036854775807 - range AS id", 1000, 0)]
    [InlineData("-9223372036854775807 - 1 + range % 999 AS id", 1000, 1)]
    [InlineData("5::BIGINT AS id", 1, 0)]
    [InlineData("(range % 999)::VARCHAR AS id", 1000, 1)]
    public async Task Repeated_keys_are_counted_whatever_their_values(string id, int count, long repeated)
    {
        await using var bed = new SqlBed();
        var (columns, files) = await bed.WriteAsync($"SELECT {id}, 'v' AS v FROM range(0, {count})");

        var first = await bed.Merge.MergeAsync(SqlBed.Table, target: null, columns, files, ["id"], orderBy: null, "m", Token);
        var target = Apply(null, first);
        var again = await bed.Merge.MergeAsync(SqlBed.Table, target, columns, files, ["id"], orderBy: null, "n", Token);

        Assert.Equal((count - repeated, 0L, repeated), (first.Inserted, first.Updated, first.Superseded));
        Assert.Equal((0L, count - repeated, repeated), (again.Inserted, again.Updated, again.Superseded));
        Assert.Equal([$"{count - repeated}|{count - repeated}"], await RowsAsync(bed, Apply(target, again), "SELECT count(*), count(DISTINCT id) FROM t"));
    }

    [Fact]
    public async Task Only_files_with_replaced_rows_are_rewritten()
    {
        await using var bed = new SqlBed();
        var (columns, one) = await bed.WriteAsync("SELECT range AS id, 'old' AS v, TIMESTAMP '2020-01-01' AS ts FROM range(0, 100)");
        var (_, two) = await bed.WriteAsync("SELECT range AS id, 'old' AS v, TIMESTAMP '2020-01-01' AS ts FROM range(100, 200)");
        var (_, three) = await bed.WriteAsync("SELECT 2 * range AS id, 'odd' AS v, TIMESTAMP '2020-01-01' AS ts FROM range(1000, 1100)");
        var target = SqlBed.Snapshot(columns, [.. one, .. two, .. three], version: 7);
        var (newColumns, files) = await bed.WriteAsync(
            "SELECT id::BIGINT AS id, 'new' AS v, 1 AS extra FROM (VALUES (150), (2001), (5000)) t (id)");

        var merge = await bed.Merge.MergeAsync(SqlBed.Table, target, newColumns, files, ["id"], orderBy: null, "m", Token);

        Assert.Equal([two[0].Path], merge.Remove);
        Assert.Equal((7L, 2L, 1L, 0L), (merge.ReadVersion, merge.Inserted, merge.Updated, merge.Superseded));
        Assert.Contains(files[0].Path, merge.Add.Select(file => file.Path));
        Assert.Equal(["id", "v", "ts", "extra"], merge.Columns.Select(column => column.Name));
        var rows = await RowsAsync(bed, Apply(target, merge), "SELECT count(*), count(*) FILTER (WHERE v = 'new'), count(extra), count(ts) FROM t");
        Assert.Equal(["302|3|3|299"], rows);
    }

    /// <summary>Statistics as other writers leave them: a row that is there is replaced, never doubled.</summary>
    [Theory]
    [InlineData("TIMESTAMPTZ '2026-01-01 00:00:00.123456Z' AS id", """ "2026-01-01T00:00:00.123Z" """, """ "2026-01-01T00:00:00.123Z" """, "cut off to milliseconds")]
    [InlineData("TIMESTAMPTZ '2026-01-01 00:00:00.5Z' AS id", """ "01/01/2026" """, """ "soon" """, "no instants")]
    [InlineData("'NaN'::DOUBLE AS id", "1.5", "2.5", "NaN is in nobody's maximum")]
    [InlineData("7::BIGINT AS id", "true", """ "many" """, "no numbers")]
    [InlineData("7::INTEGER AS id", "-99999999999", "99999999999", "beyond the type")]
    [InlineData("DATE '2026-01-01' AS id", """ "yesterday" """, "{}", "no days")]
    [InlineData("'\\xFFa'::BLOB AS id", """ "b" """, """ "c" """, "bytes in another notation")]
    [InlineData("1.25::DECIMAL(9,2) AS id", "1e0", """ "two" """, "an exponent")]
    public async Task Bounds_of_other_writers_hide_no_row(string id, string minimum, string maximum, string why)
    {
        await using var bed = new SqlBed();
        var (columns, files) = await bed.WriteAsync($"SELECT {id}, 'old' AS v");
        var foreign = files[0] with
        {
            Statistics = new FileStatistics(1, Bound(minimum), Bound(maximum), new Dictionary<string, long> { ["id"] = 0 }),
        };
        var (_, again) = await bed.WriteAsync($"SELECT {id}, 'new' AS v");

        var merge = await bed.Merge.MergeAsync(
            SqlBed.Table, SqlBed.Snapshot(columns, [foreign]), columns, again, ["id"], orderBy: null, "m", Token);

        Assert.True((merge.Inserted, merge.Updated) == (0, 1), why);

        static Dictionary<string, JsonElement> Bound(string json) => new() { ["id"] = JsonElement.Parse(json) };
    }

    [Fact]
    public async Task Nothing_new_changes_nothing()
    {
        await using var bed = new SqlBed();

        var merge = await bed.Merge.MergeAsync(SqlBed.Table, target: null, [new("id", "long")], [], ["id"], orderBy: null, "m", Token);

        Assert.Empty(merge.Add);
        Assert.Empty(merge.Remove);
    }

    private static Snapshot Apply(Snapshot? snapshot, MergeResult merge) =>
        SqlBed.Snapshot(
            merge.Columns,
            [.. (snapshot?.Files ?? []).Where(file => !merge.Remove.Contains(file.Path)), .. merge.Add],
            (snapshot?.Version ?? -1) + 1);

    private static async Task<IReadOnlyList<string>> RowsAsync(SqlBed bed, Snapshot snapshot, string sql)
    {
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("t", snapshot, options: null, Token);
        return await SqlBed.RowsAsync(session, sql);
    }
}
