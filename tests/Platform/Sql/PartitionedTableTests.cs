using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Sql;

/// <summary>Tables whose files do not hold the partition columns, as Spark and delta-rs write them.</summary>
public sealed class PartitionedTableTests
{
    private static readonly IReadOnlyList<TableColumn> Columns =
    [
        new("s", "string"), new("i", "integer"), new("d", "date"), new("t", "timestamp"), new("n", "decimal(10,2)"), new("b", "boolean"),
        new("f", "double"), new("x", "binary"), new("v", "long"),
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Partition_values_come_typed_from_the_log()
    {
        await using var bed = new SqlBed();
        var snapshot = await TableAsync(bed,
            (1, Values("it's a/b", "42", "2024-02-29", "2024-02-29 12:30:00.5", "1.50", "true", "0.5", "\u0001\u00ff")),
            (2, Values("", null, "", null, null, null, null, null)),
            (3, Values("__HIVE_DEFAULT_PARTITION__", "-1", "1969-12-31", "1970-01-01T01:00:00.000000Z", "0", "false", "1e10", "a")));
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("facts", snapshot, options: null, Token);

        Assert.Equal(
            [
                "it's a/b|42|2024-02-29|2024-02-29 12:30:00.5|1.50|true|0.5|\\x01\\xFF|1",
                "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|2",
                "NULL|-1|1969-12-31|1970-01-01 01:00:00|0.00|false|10000000000.0|a|3",
            ],
            await SqlBed.RowsAsync(session, "SELECT * FROM facts ORDER BY v"));
        Assert.Equal(["VARCHAR|INTEGER|DATE|TIMESTAMP|DECIMAL(10,2)|BOOLEAN|DOUBLE|BLOB|BIGINT"],
            [string.Join('|', (await session.DescribeAsync("SELECT * FROM facts", Token)).Select(column => column.Type))]);
        Assert.Equal(["1|1"], await SqlBed.RowsAsync(session, "SELECT count(*), min(v) FROM facts WHERE i = 42"));
    }

    [Fact]
    public async Task A_value_that_the_log_leaves_out_is_in_the_name_of_the_folder()
    {
        Assert.Equal("a b", PartitionValues.Of(new DataFile("p=a%2520b/f.parquet", 1, DataFile.NoPartition, 0, null), "p"));
        Assert.Null(PartitionValues.Of(new DataFile("p=__HIVE_DEFAULT_PARTITION__/f.parquet", 1, DataFile.NoPartition, 0, null), "p"));
        Assert.Null(PartitionValues.Of(new DataFile("f.parquet", 1, DataFile.NoPartition, 0, null), "p"));
        Assert.Equal("2", PartitionValues.Of(
            new DataFile("p=1/f.parquet", 1, new Dictionary<string, string?> { ["p"] = "2" }, 0, null), "p"));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_filter_on_a_partition_reads_its_files_only()
    {
        await using var bed = new SqlBed();
        var snapshot = await TableAsync(bed, [.. Enumerable.Range(0, 20).Select(i => ((long)i, Values("s", $"{i}", null, null, null, null, null, null)))]);
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("facts", snapshot, options: null, Token);

        Assert.Equal(await ScansAsync(""), 20 * await ScansAsync("WHERE i = 7"));

        async Task<int> ScansAsync(string where) => string
            .Join('\n', await session.ReadAsync($"EXPLAIN (FORMAT json) SELECT v FROM facts {where}", [], reader => reader.GetString(1), Token))
            .Split("\"READ_PARQUET \"").Length - 1;
    }

    [Theory]
    [InlineData("i", "INTEGER", "(n - 70)::INTEGER")]
    [InlineData("l", "BIGINT", "n * 1000000007")]
    [InlineData("s", "VARCHAR", "'it''s a/b ' || n")]
    [InlineData("d", "DATE", "DATE '1969-12-01' + n::INTEGER")]
    [InlineData("t", "TIMESTAMPTZ", "TIMESTAMPTZ '1969-12-31 23:59:00Z' + to_microseconds(n * 500000)")]
    [InlineData("c", "DECIMAL(12,3)", "(n - 70) * 1.005")]
    public async Task Many_partitions_share_branches_and_a_filter_still_reads_few(string name, string type, string value)
    {
        const int partitions = 130;
        await using var bed = new SqlBed();
        var select = $"SELECT range AS id, CASE WHEN n = 11 THEN NULL ELSE ({value})::{type} END AS {name}, n % 2 = 0 AS even, 'v' || range AS v FROM (SELECT range, range % {partitions} AS n FROM range({3 * partitions}))";
        var (columns, first) = await bed.WriteAsync(select, new ParquetOptions { PartitionBy = [name, "even"] });
        var (_, older) = await bed.WriteAsync($"SELECT id + 1000 AS id, {name}, even FROM ({select}) WHERE id < 300", new ParquetOptions { PartitionBy = [name, "even"] });
        Assert.Equal(partitions, first.Count);
        foreach (var instants in type == "TIMESTAMPTZ" ? new[] { true, false } : [true])
        {
            await using var session = await bed.Engine.OpenAsync(Token);
            foreach (var (files, expected) in new (IReadOnlyList<DataFile>, string)[] { (first, select), ([.. first, .. older], $"{select} UNION ALL BY NAME SELECT id + 1000 AS id, {name}, even FROM ({select}) WHERE id < 300") })
            {
                var local = await session.LeaseAsync(SqlBed.Table, files, Token);
                await session.ExecuteAsync($"CREATE OR REPLACE VIEW facts AS {PartitionedRelation.Of(columns, files, local, instants, alike: true, mostApart: 100)}", Token);
                var shown = type == "TIMESTAMPTZ" && !instants ? $"* REPLACE (make_timestamp(epoch_us({name})) AS {name})" : "*";
                await session.ExecuteAsync($"CREATE OR REPLACE TEMP TABLE expected AS SELECT {shown} FROM ({expected})", Token);
                Assert.Equal(["0"], await SqlBed.RowsAsync(session, "SELECT count(*) FROM ((SELECT id, even, v, COLUMNS('^.$') FROM facts EXCEPT ALL SELECT id, even, v, COLUMNS('^.$') FROM expected) UNION ALL (SELECT id, even, v, COLUMNS('^.$') FROM expected EXCEPT ALL SELECT id, even, v, COLUMNS('^.$') FROM facts))"));
                var one = (await SqlBed.RowsAsync(session, $"SELECT {name} FROM expected WHERE id = 42"))[0];
                foreach (var where in new[] { $"{name} = '{one.Replace("'", "''", StringComparison.Ordinal)}'", $"{name} IS NULL", $"{name} <= (SELECT {name} FROM expected WHERE id = 50) AND even", "NOT even" })
                    Assert.Equal(await SqlBed.RowsAsync(session, $"SELECT count(*), sum(id) FROM expected WHERE {where}"), await SqlBed.RowsAsync(session, $"SELECT count(*), sum(id) FROM facts WHERE {where}"));
                Assert.InRange(await ScansAsync(session, ""), 2, 70);
                Assert.InRange(await ScansAsync(session, $"WHERE {name} = CAST('{one.Replace("'", "''", StringComparison.Ordinal)}' AS {(instants ? type : type.Replace("TZ", "", StringComparison.Ordinal))})"), 1, 2);
            }
        }

        static async Task<int> ScansAsync(SqlSession session, string where) => string
            .Join('\n', await session.ReadAsync($"EXPLAIN (FORMAT json) SELECT id FROM facts {where}", [], reader => reader.GetString(1), Token))
            .Split("\"name\": \"READ_PARQUET").Length - 1;
    }

    [Fact]
    public async Task Nested_columns_of_other_writers_are_read()
    {
        await using var bed = new SqlBed();
        var (_, files) = await WriteRawAsync(bed, "SELECT [1, 2] AS l, {'a': 1::INTEGER, 'b': ['x']} AS s, MAP {'k': 1.5::DOUBLE} AS m");
        IReadOnlyList<TableColumn> columns =
        [
            new("l", """{"type":"array","elementType":"integer","containsNull":true}"""),
            new("s", """{"type":"struct","fields":[{"name":"a","type":"integer","nullable":true,"metadata":{}},{"name":"b","type":{"type":"array","elementType":"string","containsNull":true},"nullable":true,"metadata":{}}]}"""),
            new("m", """{"type":"map","keyType":"string","valueType":"double","valueContainsNull":true}"""),
        ];
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.MountAsync("facts", SqlBed.Snapshot(columns, files), options: null, Token);

        Assert.Equal(["2|x|1.5"], await SqlBed.RowsAsync(session, "SELECT l[2], s.b[1], m['k'] FROM facts"));
    }

    private static Dictionary<string, string?> Values(params string?[] values) =>
        values.Zip(Columns).ToDictionary(pair => pair.Second.Name, pair => pair.First);

    private static async Task<Snapshot> TableAsync(SqlBed bed, params (long V, Dictionary<string, string?> Partition)[] rows)
    {
        List<DataFile> files = [];
        foreach (var (v, partition) in rows)
        {
            var (_, written) = await WriteRawAsync(bed, $"SELECT {v}::BIGINT AS v");
            files.Add(written[0] with { PartitionValues = partition });
        }

        return SqlBed.Snapshot(Columns, files) with { PartitionColumns = [.. Columns.Take(8).Select(column => column.Name)] };
    }

    private static async Task<(string Name, IReadOnlyList<DataFile> Files)> WriteRawAsync(SqlBed bed, string select)
    {
        var name = $"{Guid.NewGuid()}.parquet";
        var path = bed.Store.Objects.TryGetLocalFile(SqlBed.Table.Root.Append(name))!;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var session = await bed.Engine.OpenAsync(Token);
        await session.ExecuteAsync($"COPY ({select}) TO {SqlText.Literal(path)} (FORMAT parquet)", Token);
        return (name, [new DataFile(name, new FileInfo(path).Length, DataFile.NoPartition, 0, null)]);
    }
}
