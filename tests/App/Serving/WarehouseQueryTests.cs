using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.App.Tests.Serving;

/// <summary>SQL of callers over the real host: what runs, what is refused, and that the host and its workers outlive all of it.</summary>
public sealed class WarehouseQueryTests(WarehouseQueryTests.Fixture fixture) : IClassFixture<WarehouseQueryTests.Fixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Refused { get; } =
    [
        // Files.
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_csv_auto('/etc/passwd')", "SELECT * FROM '/etc/passwd'", "FROM 'x.csv'",
        "SELECT * FROM \"/etc/passwd\"", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_blob('/proc/self/environ')", "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('/tmp/*')", "SELECT * FROM parquet_metadata('/tmp/x.parquet')", "SELECT * FROM parquet_scan('x')", "SELECT * FROM read_json('x')",
        "SELECT * FROM read_ndjson_objects('x')", "SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM 'https://example.com/x.parquet'",
        "SELECT * FROM read_duckdb('x.db')", "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))", "SELECT * FROM orders, LATERAL read_text('/etc/' || name)",
        "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x", "SELECT * FROM orders WHERE id IN (SELECT size FROM read_text('/etc/passwd'))",
        "SELECT * FROM orders UNION ALL SELECT 1, content FROM read_text('/etc/passwd')", "SELECT * FROM orders POSITIONAL JOIN read_text('/etc/passwd')",
        "SELECT list_transform([1], lambda x: (SELECT max(content) FROM read_text('/etc/passwd')))", "SELECT * FROM range((SELECT size FROM read_text('/etc/passwd')))",

        // Statements that are no SELECT.
        "ATTACH '/tmp/x.db'", "COPY orders TO '/tmp/x.csv'", "COPY (SELECT 1) TO '/tmp/x'", "EXPORT DATABASE '/tmp/x'", "IMPORT DATABASE '/tmp/x'", "INSTALL httpfs",
        "LOAD httpfs", "PRAGMA database_list", "PRAGMA version", "SET threads = 1", "SET GLOBAL memory_limit = '99GB'", "RESET memory_limit", "CREATE TABLE x (i INT)",
        "CREATE MACRO m() AS 1", "CREATE SECRET s (TYPE s3)", "DROP VIEW orders", "INSERT INTO orders VALUES (1, 'x')", "DELETE FROM orders", "UPDATE orders SET id = 1",
        "CALL enable_logging()", "CHECKPOINT", "VACUUM", "PREPARE p AS SELECT 1", "EXECUTE p", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE SELECT 1", "DESCRIBE orders",
        "SHOW TABLES", "SHOW ALL TABLES", "SUMMARIZE orders", "SELECT * FROM (DESCRIBE orders)", "SELECT * FROM (SHOW TABLES)", "SELECT * FROM (SUMMARIZE orders)",
        "USE memory", "BEGIN", "PIVOT orders ON name USING sum(id)", "SELECT * FROM (PIVOT orders ON name USING sum(id))",

        // More than one.
        "SELECT 1; SELECT 2", "SELECT 1; DROP VIEW orders", "SELECT 1 /* ; */ ; ATTACH 'x'", "SELECT 1; -- end\nSET threads = 1", "", "   ", ";", "-- nothing", "/* open",
        "SELECT 1) AS q(c0); ATTACH 'x'; --", "SELECT 1\n) AS q(c0) UNION ALL SELECT content FROM read_text('/etc/passwd') --",

        // The engine's own.
        "SELECT * FROM duckdb_settings()", "SELECT current_setting('temp_directory')", "SELECT getenv('HOME')", "SELECT getvariable('x')", "SELECT * FROM duckdb_views()",
        "SELECT * FROM duckdb_secrets()", "SELECT * FROM duckdb_databases()", "SELECT * FROM duckdb_logs()", "SELECT * FROM duckdb_memory()", "SELECT * FROM duckdb_temporary_files()",
        "SELECT * FROM information_schema.tables", "SELECT * FROM pg_catalog.pg_views", "SELECT * FROM sqlite_master", "SELECT * FROM duckdb_views", "SELECT * FROM pragma_database_list",
        "SELECT * FROM memory.main.orders", "SELECT * FROM main.orders", "SELECT * FROM system.main.duckdb_columns", "SELECT * FROM temp.orders", "SELECT * FROM new.orders",
        "SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/x')", "SELECT * FROM pragma_storage_info('orders')", "SELECT * FROM which_secret('s3://x', 's3')",
        "SELECT * FROM query('SELECT 1')", "SELECT * FROM query_table('orders')", "SELECT * FROM json_execute_serialized_sql('{}')", "SELECT json_serialize_sql('SELECT 1')",
        "SELECT json_deserialize_sql('{}')", "SELECT sleep_ms(100000)", "SELECT write_log('x')", "SELECT nextval('s')", "SELECT version()", "SELECT current_query()",
        "SELECT system.main.getvariable('x')", "SELECT memory.main.getenv('x')", "SELECT stats(id) FROM orders", "SELECT * FROM checkpoint()", "SELECT * FROM test_all_types()",
        "SELECT * FROM seq_scan('orders')", "SELECT * FROM repeat_row(1, num_rows = 10)", "SELECT parse_duckdb_log_message('x', 'y')", "SELECT * FROM sql_auto_complete('SEL')",
        "SELECT * FROM orders AT (VERSION => 1)", "SELECT id::main.mytype FROM orders",

        // Other letters and quotes.
        "SELECT * FROM \uff52ead_text('/etc/passwd')", "SELECT * FROM \"read_text\"('/etc/passwd')", "SELECT * FROM READ_TEXT('/etc/passwd')", "SELECT * FROM r\u0435ad_text('/etc/passwd')",
        "SELECT \"getenv\"('HOME')", "SELECT * FROM \"orders'; ATTACH 'x'; --\"", "SELECT * FROM $$/etc/passwd$$", "SELECT * FROM \u212aorders",
        "SELECT * FROM unknown_table", "SELECT nothing FROM orders", "SELECT no_such_function(1)", "SELECT $1",
        "SELECT * FROM orders WHERE /**/getenv/**/('HOME') = ''", "SELECT * FROM read_text/**/('/etc/passwd')", "SELECT * FROM U&\"r\\0065ad_text\"('/etc/passwd')",
        "SELECT * FROM orders AS read_text, read_text('/etc/passwd')", "SELECT ge\u200btenv('HOME')", "SELECT * FROM \"orders\u0000\"", "SELECT 'a'\u0000; ATTACH 'x'",

        // What they hide in.
        "SELECT list_filter([1], x -> (SELECT count(*) FROM read_blob('/etc/passwd')) > 0)", "SELECT list_reduce(['a'], (x, y) -> getenv(x))",
        "SELECT [getenv(x) FOR x IN ['HOME']]", "SELECT 'HOME'.getenv()", "SELECT {'a': getenv('HOME')}.a", "SELECT struct_pack(a := getenv('HOME'))", "SELECT MAP {'a': getenv('HOME')}",
        "SELECT COLUMNS(c -> getenv(c) = '') FROM orders", "SELECT * REPLACE (getenv(name) AS name) FROM orders", "SELECT * EXCLUDE (id), getenv('HOME') FROM orders",
        "SELECT CASE WHEN getenv('HOME') = '' THEN 1 END", "SELECT count(*) FILTER (WHERE getenv('HOME') <> '') FROM orders", "SELECT sum(id) OVER (ORDER BY getenv('HOME')) FROM orders",
        "SELECT sum(id) OVER (ROWS BETWEEN CAST(getenv('N') AS INT) PRECEDING AND CURRENT ROW) FROM orders", "SELECT sum(id) OVER w FROM orders WINDOW w AS (PARTITION BY getenv('HOME'))",
        "SELECT id FROM orders ORDER BY getenv('HOME')", "SELECT id FROM orders LIMIT CAST(getenv('N') AS INT)", "SELECT id FROM orders LIMIT 1 OFFSET (SELECT size FROM read_blob('/etc/passwd'))",
        "SELECT id FROM orders GROUP BY ALL HAVING getenv('HOME') = ''", "SELECT id FROM orders QUALIFY getenv('HOME') = ''", "SELECT DISTINCT ON (getenv('HOME')) id FROM orders",
        "SELECT count(*) FROM orders GROUP BY GROUPING SETS ((getenv('HOME')), ())", "SELECT a.id FROM orders a JOIN orders b ON getenv('HOME') = ''",
        "SELECT a.id FROM orders a ASOF JOIN orders b ON a.id >= b.id AND getenv('HOME') = b.name", "VALUES (getenv('HOME'))", "SELECT * FROM (VALUES (getenv('HOME'))) v",
        "SELECT id BETWEEN 1 AND CAST(getenv('N') AS INT) FROM orders", "SELECT string_agg(name ORDER BY getenv('HOME')) FROM orders", "SELECT name COLLATE getenv FROM orders",
        "SELECT array(SELECT getenv('HOME'))", "SELECT EXISTS (FROM read_blob('/etc/passwd'))", "SELECT 1 = ANY (SELECT size FROM read_blob('/etc/passwd'))",
        "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT size FROM read_blob('/etc/passwd'), r) SELECT * FROM r", "WITH read_text AS (SELECT 1) SELECT * FROM read_text('/etc/passwd')",
        "WITH orders AS MATERIALIZED (SELECT getenv('HOME') AS x) SELECT * FROM orders", "SELECT * FROM unnest([getenv('HOME')])", "SELECT * FROM range(CAST(getenv('N') AS INT))",
        "SELECT * FROM repeat(getenv('HOME'), 1)", "SELECT * FROM json_each(getenv('HOME'))", "SELECT * FROM generate_series(1, (SELECT size FROM read_blob('/etc/passwd')))",
        "SELECT * FROM orders TABLESAMPLE reservoir(getenv('N'))", "FROM orders SELECT getenv('HOME')", "TABLE orders; ATTACH 'x'", "SELECT * FROM read_xlsx('x')", "SELECT * FROM st_read('x')",
        "SELECT * FROM postgres_scan('x', 'y', 'z')", "SELECT * FROM sqlite_scan('x', 'y')", "SELECT * FROM iceberg_scan('x')", "SELECT * FROM delta_scan('x')", "SELECT * FROM arrow_scan(1, 2, 3)",
        "SELECT * FROM pandas_scan(1)", "SELECT * FROM duckdb_functions()", "SELECT * FROM duckdb_extensions()", "SELECT * FROM pragma_table_info('orders')", "SELECT * FROM show('orders')",
        "SELECT current_database()", "SELECT current_schemas(true)", "SELECT currval('s')", "SELECT txid_current()", "SELECT pg_typeof(getenv('HOME'))", "SELECT set_config('a', 'b', false)",
        "SELECT in_search_path('memory', 'main')", "SELECT add_parquet_key('k', 'v')", "SELECT * FROM parquet_kv_metadata('x')", "SELECT * FROM parquet_schema('x')", "SELECT * FROM parquet_bloom_probe('x', 'a', 1)",
        "SELECT * FROM read_json_auto(['/etc/passwd'])", "SELECT * FROM read_parquet(['a', 'b'], filename = true)", "MERGE INTO orders USING orders o ON true WHEN MATCHED THEN DELETE",
        "COMMENT ON TABLE orders IS 'x'", "ALTER TABLE orders ADD COLUMN x INT", "UNPIVOT orders ON id INTO NAME a VALUE b", "SELECT * FROM orders, (CALL duckdb_settings())", "SET VARIABLE x = 1",
        "FORCE CHECKPOINT", "DETACH memory", "COPY FROM DATABASE memory TO x", "CREATE OR REPLACE TEMP VIEW orders AS SELECT 1", "SELECT 1 INTO x", "SELECT * FROM orders FOR UPDATE; SELECT 1",
    ];

    /// <summary>What takes all memory or time it can get.</summary>
    public static TheoryData<string> Bombs { get; } =
    [
        "SELECT repeat('x', 2000000000)", "SELECT len(range(0, 300000000))", "SELECT list(i) FROM range(1000000000) t(i)",
        "SELECT count(*) FROM range(10000000) a, range(10000000) b", "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT max(i) FROM r",
        "SELECT lpad('x', 2000000000, 'y')", "SELECT list_transform(range(100000000), lambda x: repeat('z', 1000))",
    ];

    [Fact]
    public async Task Rows_come_typed_with_the_versions_that_were_read()
    {
        using var answer = await AskAsync(new { sql = "SELECT name, sum(id) AS total FROM orders WHERE id < $1 GROUP BY name ORDER BY name;", parameters = new[] { 4 } });

        Assert.Equal("""{"value":[{"name":"a","total":4},{"name":"b","total":2}]}""", await answer.Content.ReadAsStringAsync(Token));
        Assert.StartsWith("orders=", answer.Headers.GetValues("Data-Versions").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("csv", "id,at,tags\r\n1,2026-01-02T03:04:05Z,\"[1,2]\"\r\n")]
    [InlineData("ndjson", "{\"id\":1,\"at\":\"2026-01-02T03:04:05Z\",\"tags\":\"[1,2]\"}\n")]
    public async Task Other_formats(string format, string expected)
    {
        using var answer = await AskAsync(new { sql = "SELECT 1 AS id, TIMESTAMP '2026-01-02 03:04:05' AS at, [1, 2] AS tags", format });

        Assert.Equal(expected, await answer.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task What_was_left_out_is_said()
    {
        using var answer = await AskAsync(new { sql = "SELECT id FROM orders ORDER BY id DESC", maxRows = 1 });

        Assert.Equal("""{"value":[{"id":4}],"truncated":true}""", await answer.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("SELECT id,\n nam FROM orders", "SqlError", "at line 2, column 2", "name")]
    [InlineData("SELECT id\nFROM ordrs", "TableNotFound", "at line 2, column 6", "Did you mean 'orders'?")]
    [InlineData("SELECT getenv('HOME')", "InvalidSql", "at line 1, column 8", "getenv")]
    public async Task Mistakes_are_told_with_place_and_fix(string sql, string code, string place, string fix)
    {
        using var answer = await AskAsync(new { sql });
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");

        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(place, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains(fix, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_tells_no_place_of_the_machine()
    {
        using var answer = await AskAsync(new { sql = "SELECT name, count(*) FROM orders WHERE id > 1 GROUP BY name", explain = true });
        var text = await answer.Content.ReadAsStringAsync(Token);

        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Contains("\"plan\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain(".parquet", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task An_attack_is_refused(string sql)
    {
        using var answer = await AskAsync(new { sql });
        var text = await answer.Content.ReadAsStringAsync(Token);

        Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.NotFound, $"{(int)answer.StatusCode} {text}");
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
        Assert.DoesNotContain("dataplatform-app-", text, StringComparison.Ordinal);
        Assert.False(fixture.Host.HasExited);
    }

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task A_bomb_is_contained(string sql)
    {
        using var answer = await AskAsync(new { sql, timeout = 2 });
        var text = await answer.Content.ReadAsStringAsync(Token);

        Assert.True(answer.StatusCode is HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest, $"{(int)answer.StatusCode} {text}");
        using var next = await AskAsync(new { sql = "SELECT count(*) AS n FROM orders" });
        Assert.Equal("""{"value":[{"n":4}]}""", await next.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Deep_nesting_does_not_end_the_host()
    {
        string[] deep =
        [
            new string('(', 40_000) + "1" + new string(')', 40_000), string.Join("+", Enumerable.Repeat("1", 40_000)),
            string.Join(" UNION SELECT ", Enumerable.Repeat("1", 6_000)),
            new string('[', 40_000) + "1" + new string(']', 40_000), string.Concat(Enumerable.Repeat("NOT ", 20_000)) + "true", new string('~', 60_000) + "1",
            string.Concat(Enumerable.Repeat("(SELECT ", 9_000)) + "1" + new string(')', 9_000), string.Concat(Enumerable.Repeat("CASE WHEN true THEN ", 4_000)) + "1" + string.Concat(Enumerable.Repeat(" END", 4_000)),
            "NULL::INT" + string.Concat(Enumerable.Repeat("[]", 40_000)), "NULL::" + string.Concat(Enumerable.Repeat("STRUCT(a ", 8_000)) + "INT" + new string(')', 8_000),
            string.Concat(Enumerable.Repeat("{'a': ", 12_000)) + "1" + new string('}', 12_000), string.Concat(Enumerable.Repeat("abs(", 20_000)) + "1" + new string(')', 20_000),
            "a" + string.Concat(Enumerable.Repeat(".a", 40_000)) + " FROM orders", "* FROM " + new string('(', 40_000) + "orders" + new string(')', 40_000),
            string.Concat(Enumerable.Repeat("list_transform([1], x -> ", 3_000)) + "1" + new string(')', 3_000), new string('x', 10 << 20),
        ];
        foreach (var expression in deep)
        {
            using var answer = await AskAsync(new { sql = "SELECT " + expression });
            var text = await answer.Content.ReadAsStringAsync(Token);
            Assert.True((int)answer.StatusCode is 400 or 413 or 422, $"{expression[..20]}… {(int)answer.StatusCode} {text[..Math.Min(text.Length, 500)]}");
        }

        Assert.False(fixture.Host.HasExited);
    }

    private Task<HttpResponseMessage> AskAsync(object query) => fixture.Client.PostAsJsonAsync("/api/v1/warehouse/query", query, Token);

    /// <summary>A host with the dataset <c>orders</c>.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("dataplatform-app-").FullName;

        public AppHost Host { get; private set; } = null!;

        public HttpClient Client => Host.Client;

        public async ValueTask InitializeAsync()
        {
            Host = await AppHost.StartAsync(
                $"folder:{Path.Combine(_folder, "store")}", _folder, new Dictionary<string, string> { ["DataPlatform__QueryMemoryBytes"] = "134217728" });
            using var definition = new StringContent(
                """{"fields":[{"name":"id","type":"int64"},{"name":"name","type":"string"}]}""", Encoding.UTF8, "application/json");
            using var put = await Client.PutAsync("/api/v1/datasets/orders", definition);
            put.EnsureSuccessStatusCode();
            using var rows = new StringContent("id,name\n1,a\n2,b\n3,a\n4,b\n", Encoding.UTF8, "text/csv");
            using var post = await Client.PostAsync("/api/v1/ingest/orders/batches", rows);
            post.EnsureSuccessStatusCode();
        }

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            DataPlatform.TestKit.Leftovers.Delete(_folder);
        }
    }
}
