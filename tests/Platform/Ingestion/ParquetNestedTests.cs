using System.Text.Json;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;
using DuckDB.NET.Data;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

/// <summary>Nested and unusual columns, written by DuckDB; what is read is compared with what DuckDB itself makes of them.</summary>
public sealed class ParquetNestedTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Lists_structs_and_maps_become_json()
    {
        Write("""
            SELECT [1, NULL, 3] AS list, {'a': 1, 'b': 'x"y', 'c': NULL::INT} AS struct, MAP {'k': 1.5, 'ü': NULL} AS map, MAP {7: 'seven'} AS numbered,
                   [[1], [], NULL, [2, NULL]] AS lists, [{'a': [MAP {'x': [true]}]}, NULL] AS all_of_it, [DATE '2026-01-02'] AS dates,
                   [TIMESTAMP_NS '2026-01-02 03:04:05.123456789'] AS nanos, [12.340::DECIMAL(10,3)] AS decimals, ['a'::BLOB] AS blobs
            UNION ALL BY NAME SELECT NULL AS list
            UNION ALL BY NAME SELECT [] AS list, MAP {}::MAP(VARCHAR, DECIMAL(2,1)) AS map
            """);
        var parsed = Read("list", "struct", "map", "numbered", "lists", "all_of_it", "dates", "nanos", "decimals", "blobs");
        Assert.Empty(parsed.Faults());
        Assert.Equal(
            ["[1,null,3]", """{"a":1,"b":"x\"y","c":null}""", """{"k":1.5,"ü":null}""", """[{"key":7,"value":"seven"}]""", "[[1],[],null,[2,null]]",
                """[{"a":[{"x":[true]}]},null]""", """["2026-01-02"]""", """["2026-01-02T03:04:05.123456789"]""", "[12.340]", """["YQ=="]"""],
            parsed.Rows[0]);
        Assert.All(parsed.Rows[1], Assert.Null);
        Assert.Equal(("[]", "{}"), (parsed.Rows[2][0], parsed.Rows[2][2]));
    }

    [Theory]
    [InlineData(2000)]
    [InlineData(120_000)]
    public void Any_nesting_over_slices_and_row_groups_is_what_duckdb_reads(int rows)
    {
        const string columns = """
            CASE WHEN i % 5 = 0 THEN NULL ELSE list_transform(range(i % 7), x -> CASE WHEN x % 3 = 1 THEN NULL ELSE x * i END) END AS a,
            CASE WHEN i % 11 = 0 THEN NULL ELSE {'n': i, 's': CASE WHEN i % 4 = 0 THEN NULL ELSE 'text ' || i END,
                'l': CASE WHEN i % 6 = 0 THEN NULL ELSE list_transform(range(i % 3), x -> {'x': x, 'y': range(x)}) END} END AS b,
            list_transform(range(i % 4), x -> CASE WHEN x = 2 THEN NULL ELSE list_transform(range(x + i % 2), y -> 'v' || y) END) AS c,
            CASE WHEN i % 13 = 0 THEN NULL ELSE map_from_entries(list_transform(range(i % 3), x -> {'k': 'k' || x, 'v': [x, i]})) END AS d
            """;
        Write($"SELECT i, {columns} FROM range({rows}) t(i) ORDER BY i");
        var definition = Dataset(
            Field("i", FieldType.Int64, required: true), Field("a", FieldType.Json), Field("b", FieldType.Json), Field("c", FieldType.Json), Field("d", FieldType.Json));
        var parsed = Read(definition, IngestionLimits.Default with { BlockRows = 7001 });
        Assert.Equal(rows, parsed.Rows.Count);

        using var reader = Query($"SELECT i, to_json(a), to_json(b), to_json(c), to_json(d) FROM read_parquet('{_file}') WHERE i % 37 = 0 OR i < 2000");
        while (reader.Read())
        {
            var values = parsed.Rows[(int)reader.GetInt64(0)];
            for (var column = 1; column < 5; column++)
            {
                if (reader.IsDBNull(column))
                {
                    Assert.Null(values[column]);
                    continue;
                }

                using var expected = JsonDocument.Parse(reader.GetString(column));
                using var actual = JsonDocument.Parse((string)values[column]!);
                Assert.True(JsonElement.DeepEquals(expected.RootElement, actual.RootElement), $"{expected.RootElement} {actual.RootElement}");
            }
        }
    }

    [Fact]
    public void Every_other_type_of_duckdb_is_kept_or_refused_by_name()
    {
        Write("""
            SELECT 200::UTINYINT AS u8, 60000::USMALLINT AS u16, 4000000000::UINTEGER AS u32, 18446744073709551615::UBIGINT AS u64, -5::TINYINT AS i8,
                   1.5::FLOAT AS f, 'x'::ENUM('x', 'y') AS e, '{"a": 1}'::JSON AS j, '4ac7a9e9-607c-4c8a-84f3-843f0191e3fd'::UUID AS u,
                   TIME '01:02:03.000004' AS t, TIMESTAMP_MS '2026-01-02 03:04:05.006' AS ms, TIMESTAMPTZ '2026-01-02 03:04:05Z' AS tz,
                   12345678901234567890123456789.12::DECIMAL(38,2) AS d, true AS b, 'b'::BLOB AS bin
            """);
        var parsed = Read(Dataset(
            Field("u8", FieldType.Int32), Field("u16", FieldType.Int32), Field("u32", FieldType.Int64),
            Field("u64", FieldType.Decimal) with { Precision = 20 }, Field("i8", FieldType.Int32), Field("f", FieldType.Float64), Field("e", FieldType.String),
            Field("j", FieldType.Json), Field("u", FieldType.Uuid), Field("t", FieldType.Time), Field("ms", FieldType.Timestamp),
            Field("tz", FieldType.Timestamp), Field("d", FieldType.Decimal) with { Precision = 38, Scale = 2 }, Field("b", FieldType.Bool), Field("bin", FieldType.Binary)));
        Assert.Empty(parsed.Faults());
        Assert.Equal(
            [200, 60000, 4_000_000_000L, (Int128)ulong.MaxValue, -5, 1.5, "x", """{"a":1}""", "4ac7a9e9-607c-4c8a-84f3-843f0191e3fd", "01:02:03.000004",
                1767323045006000L, 1767323045000000L, Int128.Parse("1234567890123456789012345678912"), true, new byte[] { (byte)'b' }],
            parsed.Rows[0]);

        Write("SELECT 1 AS id, INTERVAL 3 DAY AS i, [INTERVAL 3 DAY] AS l");
        var refused = Assert.Throws<TerminalException>(() => Read("id", "i"));
        Assert.Contains("'i' is of a type that is not read (Interval", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'l' holds values", Assert.Throws<TerminalException>(() => Read("l")).Message, StringComparison.Ordinal);
        Assert.Single(Read(Dataset(Field("id", FieldType.Int32)) with { OnUnexpected = UnexpectedPolicy.DiscardValue }).Rows);
    }

    [Fact]
    public void A_nested_column_that_is_new_becomes_a_column_of_json()
    {
        Write("SELECT 1 AS id, [1, 2] AS list, 18446744073709551615::UBIGINT AS u64");
        var parsed = Read(Dataset(Field("id", FieldType.Int32)) with { OnUnexpected = UnexpectedPolicy.Evolve });
        Assert.Equal([1, "[1,2]", (Int128)ulong.MaxValue], parsed.Rows[0]);
    }

    [Fact]
    public void Flat_values_fit_into_fields_of_type_json()
    {
        Write("SELECT 7 AS i, 1.50::DECIMAL(5,2) AS d, true AS b, DATE '2026-01-02' AS day, '{\"a\": [1 ]}' AS text, 'NaN'::DOUBLE AS nan");
        Assert.Equal(["7", "1.50", "true", "\"2026-01-02\"", "{\"a\":[1]}", "\"NaN\""], Read("i", "d", "b", "day", "text", "nan").Rows[0]);
    }

    [Fact]
    public void A_broken_row_shows_its_nested_values()
    {
        Write("SELECT 'x' AS id, [{'a': 1}] AS list, 1.50::DECIMAL(5,2) AS d UNION ALL SELECT '2', NULL, NULL");
        var parsed = Read(Dataset(Field("id", FieldType.Int32), Field("list", FieldType.Json, required: true), Field("d", FieldType.Float64)));
        Assert.Equal(["1:id:type", "2:list:required"], parsed.Faults());
        Assert.Equal("""{"id":"x","list":[{"a":1}],"d":1.50}""", (string?)parsed.Quarantine[0]["raw"]);
    }

    private Parsed Read(params string[] names) => Read(Dataset([.. names.Select(name => Field(name, FieldType.Json))]) with { OnUnexpected = UnexpectedPolicy.DiscardValue });

    private Parsed Read(DatasetDefinition definition, IngestionLimits? limits = null)
    {
        using var rows = new RowCollector(ContractPlan.Plain(definition), [], limits ?? IngestionLimits.Default);
        using var reader = new ParquetRowReader(_ => Task.FromResult(_file));
        return Collect(rows, reader);
    }

    private void Write(string query)
    {
        using var reader = Query($"COPY ({query}) TO '{_file}' (FORMAT parquet, ROW_GROUP_SIZE 50000)");
    }

    private static DuckDBDataReader Query(string sql)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SET TimeZone = 'UTC'";
        command.ExecuteNonQuery();
        command.CommandText = sql;
        return command.ExecuteReader(System.Data.CommandBehavior.CloseConnection);
    }
}
