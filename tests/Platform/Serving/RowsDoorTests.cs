using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Platform.Tests.Serving;

public sealed class RowsDoorTests : IAsyncLifetime
{
    private const string Numbers = "SELECT range::INTEGER AS n, 'k' || (range % 10) AS k FROM range(2500)";

    private ServingBed _bed = null!;

    public ValueTask InitializeAsync()
    {
        _bed = new ServingBed();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private const string OneOfEach =
        """
        SELECT * FROM (VALUES
            (true, 1::INTEGER, 9007199254740993::BIGINT, 1.5::DOUBLE, 1.10::DECIMAL(10,2), 12345678901234567890123456789012345678::DECIMAL(38,0),
             1234567890123456789012345678.05::DECIMAL(38,2), 'é "quoted", line' || chr(10) || 'two', DATE '2001-02-03',
             TIMESTAMP '2001-02-03 04:05:06', TIMESTAMP '1969-12-31 23:59:59.5', TIMESTAMP '2001-02-03 04:05:06.123456', '\xAA\x00'::BLOB),
            (NULL, NULL, NULL, 'NaN'::DOUBLE, NULL, -7::DECIMAL(38,0), -0.05::DECIMAL(38,2), '', NULL, NULL, NULL, NULL, NULL),
            (false, -2, -1, '-Infinity'::DOUBLE, -0.01, 0, 0, 'plain', DATE '0001-01-01', NULL, NULL, NULL, ''::BLOB))
            AS t(b, i, n, x, m, big, exact, s, d, t0, t3, t6, raw)
        """;

    [Fact]
    public async Task Json_has_every_type_as_clients_expect_it()
    {
        await _bed.WriteAsync(OneOfEach);

        var context = await _bed.GetAsync("");

        Assert.Equal(
            """
            {"value":[{"b":true,"i":1,"n":9007199254740993,"x":1.5,"m":1.10,"big":12345678901234567890123456789012345678,"exact":1234567890123456789012345678.05,"s":"é \"quoted\", line\ntwo","d":"2001-02-03","t0":"2001-02-03T04:05:06Z","t3":"1969-12-31T23:59:59.500Z","t6":"2001-02-03T04:05:06.123456Z","raw":"qgA="},{"b":null,"i":null,"n":null,"x":null,"m":null,"big":-7,"exact":-0.05,"s":"","d":null,"t0":null,"t3":null,"t6":null,"raw":null},{"b":false,"i":-2,"n":-1,"x":null,"m":-0.01,"big":0,"exact":0.00,"s":"plain","d":"0001-01-01","t0":null,"t3":null,"t6":null,"raw":""}]}
            """,
            ServingBed.Text(context));
        Assert.Equal("application/json; charset=utf-8", context.Response.ContentType);
        Assert.Equal("0", context.Response.Headers["Data-Version"]);
        Assert.EndsWith("Z", context.Response.Headers["Data-As-Of"].ToString(), StringComparison.Ordinal);
        Assert.StartsWith("W/\"0-", context.Response.Headers.ETag.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_has_every_type_as_clients_expect_it()
    {
        await _bed.WriteAsync(OneOfEach);

        var context = await _bed.GetAsync("?count=true", ("Accept", "text/csv"));

        Assert.Equal(
            "b,i,n,x,m,big,exact,s,d,t0,t3,t6,raw\r\n"
                + "true,1,9007199254740993,1.5,1.10,12345678901234567890123456789012345678,1234567890123456789012345678.05,"
                + "\"é \"\"quoted\"\", line\ntwo\",2001-02-03,2001-02-03T04:05:06Z,1969-12-31T23:59:59.500Z,2001-02-03T04:05:06.123456Z,qgA=\r\n"
                + ",,,,,-7,-0.05,\"\",,,,,\r\n"
                + "false,-2,-1,,-0.01,0,0.00,plain,0001-01-01,,,,\r\n",
            ServingBed.Text(context));
        Assert.Equal("text/csv; charset=utf-8", context.Response.ContentType);
        Assert.Equal("3", context.Response.Headers["Data-Count"]);
    }

    [Theory]
    [InlineData("?skip=9223372036854775807", "{\"value\":[]}")]
    [InlineData("?skip=9223372036854775807&top=100000", "{\"value\":[]}")]
    [InlineData("?skip=2500&count=true", "{\"count\":2500,\"value\":[]}")]
    [InlineData("?top=0&count=true&filter=n lt 7", "{\"count\":7,\"value\":[]}")]
    [InlineData("?top=1&orderby=n desc&select=n&skip=2499", "{\"value\":[{\"n\":0}]}")]
    [InlineData("?select=n&filter=n mul 4611686018427387904 eq 0 and n lt 1", "{\"value\":[{\"n\":0}]}")]
    [InlineData("?select=n&top=1&filter=n gt -9223372036854775808", "{\"value\":[{\"n\":0}]}")]
    [InlineData("?select=n&top=1&filter=n lt 99999999999999999999999999999999999999", "{\"value\":[{\"n\":0}]}")]
    [InlineData("?select=n&top=1&filter=n lt 1e400", "{\"value\":[{\"n\":0}]}")]
    [InlineData("?select=n&filter=contains(k,'%25')", "{\"value\":[]}")]
    [InlineData("?select=n&filter=contains(k,'_')", "{\"value\":[]}")]
    [InlineData("?select=n&filter=k eq 'it''s \\ é'", "{\"value\":[]}")]
    [InlineData("?select=n&filter=n eq 5&filter=", null)]
    [InlineData("?filter=n mul 9223372036854775807 gt n", null)]
    [InlineData("?filter=substring(k,9223372036854775807) eq ''", null)]
    [InlineData("?filter=n eq 0001-01-01T00:00:00%2B14:00", null)]
    [InlineData("?version=9223372036854775807", null)]
    [InlineData("?min-version=9223372036854775807", null)]
    [InlineData("?version=-1", null)]
    public async Task Extremes_are_answered_or_refused_and_never_a_fault(string query, string? answer)
    {
        await _bed.WriteAsync(Numbers);

        var get = () => _bed.GetAsync(query);

        if (answer is null)
            Assert.NotEqual(FailureKind.Internal, (await Assert.ThrowsAsync<TerminalException>(get)).Kind);
        else
            Assert.Equal(answer, ServingBed.Text(await get()));
    }

    [Fact]
    public async Task The_next_page_has_the_format_that_was_asked_for()
    {
        await _bed.WriteAsync(Numbers);

        var page = ServingBed.Json(await _bed.GetAsync("?format=json&select=n", ("Accept", "text/csv")));

        Assert.Contains("&format=json", page.GetProperty("nextLink").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ndjson_has_one_object_a_line_and_all_rows()
    {
        await _bed.WriteAsync(Numbers);

        var lines = ServingBed.Text(await _bed.GetAsync("?format=ndjson&select=n")).Split('\n');

        Assert.Equal(2501, lines.Length);
        Assert.Equal("{\"n\":0}", lines[0]);
        Assert.Equal("{\"n\":2499}", lines[2499]);
        Assert.Equal("", lines[2500]);
    }

    [Fact]
    public async Task Filter_order_top_skip_and_count_go_together()
    {
        await _bed.WriteAsync(Numbers);

        var json = ServingBed.Json(await _bed.GetAsync("?select=n&filter=k eq 'k3' and n lt 100&orderby=n desc&top=2&skip=1&count=true"));

        Assert.Equal("""{"count":10,"value":[{"n":83},{"n":73}]}""", json.GetRawText());
    }

    [Fact]
    public async Task Pages_link_on_within_one_version_though_the_table_changes()
    {
        await _bed.WriteAsync(Numbers);
        List<int> read = [];
        var query = "?select=n&orderby=k desc&filter=n ge 0";
        while (true)
        {
            var page = ServingBed.Json(await _bed.GetAsync(query));
            read.AddRange(page.GetProperty("value").EnumerateArray().Select(row => row.GetProperty("n").GetInt32()));
            if (!page.TryGetProperty("nextLink", out var link))
                break;
            Assert.StartsWith("https://platform.example/api/v1/warehouse/tables/facts/rows?", link.GetString(), StringComparison.Ordinal);
            query = new Uri(link.GetString()!).Query;
            await _bed.WriteAsync("SELECT 5::INTEGER AS n, 'x' AS k");
        }

        Assert.Equal(2500, read.Count);
        Assert.Equal(Enumerable.Range(0, 2500), read.Order());
    }

    [Fact]
    public async Task Unchanged_data_costs_no_query()
    {
        await _bed.WriteAsync(Numbers);
        var etag = (await _bed.GetAsync("?top=1")).Response.Headers.ETag.ToString();

        var again = await _bed.GetAsync("?top=1", ("If-None-Match", $"\"other\", {etag}"));
        Assert.Equal(StatusCodes.Status304NotModified, again.Response.StatusCode);
        Assert.Equal("", ServingBed.Text(again));
        Assert.StartsWith("total;dur=", again.Response.Headers["Server-Timing"].ToString(), StringComparison.Ordinal);
        Assert.Equal(etag, again.Response.Headers.ETag.ToString());

        Assert.Equal(200, (await _bed.GetAsync("?top=2", ("If-None-Match", etag))).Response.StatusCode);
        Assert.Equal(200, (await _bed.GetAsync("?top=1&format=csv", ("If-None-Match", etag))).Response.StatusCode);
        await _bed.WriteAsync(Numbers);
        var changed = await _bed.GetAsync("?top=1&min-version=1", ("If-None-Match", etag));
        Assert.Equal(200, changed.Response.StatusCode);
        Assert.Equal("1", changed.Response.Headers["Data-Version"]);
    }

    [Fact]
    public async Task Min_version_sees_what_another_instance_wrote()
    {
        await _bed.WriteAsync("SELECT 1::INTEGER AS n");
        await _bed.GetAsync("");
        await _bed.AppendElsewhereAsync("SELECT 2::INTEGER AS n");

        Assert.Equal("0", (await _bed.GetAsync("")).Response.Headers["Data-Version"]);
        Assert.Equal("1", (await _bed.GetAsync("?min-version=1")).Response.Headers["Data-Version"]);
        Assert.Equal("0", (await _bed.GetAsync("?version=0")).Response.Headers["Data-Version"]);
        await FailsAsync("?min-version=2", FailureKind.NotFound, "TableVersionNotFound");
        await FailsAsync("?version=7", FailureKind.NotFound, "TableVersionNotFound");
    }

    [Fact]
    public async Task Timestamps_filter_on_utc()
    {
        await _bed.WriteAsync("SELECT TIMESTAMP '2001-01-01' + to_hours(range::INTEGER) AS t FROM range(48)");

        var json = ServingBed.Json(await _bed.GetAsync("?filter=t ge 2001-01-01T23:00:00%2B01:00 and t lt 2001-01-02"));

        Assert.Equal(
            ["2001-01-01T22:00:00Z", "2001-01-01T23:00:00Z"],
            json.GetProperty("value").EnumerateArray().Select(row => row.GetProperty("t").GetString()));
    }

    [Fact]
    public async Task Columns_of_later_versions_are_null_in_older_files()
    {
        await _bed.WriteAsync("SELECT 1::INTEGER AS n");
        await _bed.AppendElsewhereAsync("SELECT 2::INTEGER AS n, 'new' AS extra");

        var json = ServingBed.Text(await _bed.GetAsync("?min-version=1&orderby=n"));

        Assert.Equal("""{"value":[{"n":1,"extra":null},{"n":2,"extra":"new"}]}""", json);
    }

    [Theory]
    [InlineData("?fliter=n gt 1", "UnknownQueryOption")]
    [InlineData("?$filter=n gt 1", "UnknownQueryOption")]
    [InlineData("?top=1&top=2", "DuplicateQueryOption")]
    [InlineData("?top=x", "InvalidQueryOption")]
    [InlineData("?format=xml", "InvalidQueryOption")]
    [InlineData("?version=-1", "InvalidQueryOption")]
    [InlineData("?filter=nope eq 1", "UnknownColumn")]
    [InlineData("?filter=n eq 'a'", "TypeMismatch")]
    [InlineData("?orderby=", "InvalidQueryOption")]
    public async Task Wrong_requests_are_refused_before_anything_is_sent(string query, string code)
    {
        await _bed.WriteAsync(Numbers);
        await FailsAsync(query, FailureKind.Invalid, code);
    }

    [Fact]
    public async Task All_unknown_options_are_told_at_once()
    {
        await _bed.WriteAsync(Numbers);

        var failure = await FailsAsync("?fliter=n gt 1&ordreby=n", FailureKind.Invalid, "UnknownQueryOption");

        Assert.Equal(["fliter", "ordreby"], failure.Details.Select(detail => detail.Target));
        Assert.Contains("Did you mean 'filter'?", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failing_expressions_become_an_error_document_not_half_an_answer()
    {
        await _bed.WriteAsync(Numbers);

        await FailsAsync("?filter=9223372036854775807 mul n gt 1 and n eq 3", FailureKind.Invalid, "SqlError");
    }

    [Theory]
    [InlineData("application/xml", null)]
    [InlineData("application/json;q=0", null)]
    [InlineData("application/json;odata.metadata=minimal;q=1.0,text/plain;q=0.7", "application/json")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "application/json")]
    [InlineData("text/*", "text/csv")]
    [InlineData("application/json;q=0.5,application/x-ndjson", "application/x-ndjson")]
    public async Task Format_follows_the_accept_header(string accept, string? contentType)
    {
        await _bed.WriteAsync(Numbers);

        if (contentType is null)
            await FailsAsync("?top=1", FailureKind.NotAcceptable, "NotAcceptable", ("Accept", accept));
        else
            Assert.StartsWith(contentType, (await _bed.GetAsync("?top=1", ("Accept", accept))).Response.ContentType, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tables_without_data_say_what_to_do() =>
        Assert.Contains("write it", (await FailsAsync("", FailureKind.NotFound, "TableEmpty")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Emptied_tables_have_no_rows()
    {
        await _bed.WriteAsync("SELECT 1::INTEGER AS n WHERE false");

        Assert.Equal("""{"count":0,"value":[]}""", ServingBed.Text(await _bed.GetAsync("?count=true")));
    }

    [Fact]
    public async Task Next_links_carry_no_foreign_options_and_the_public_address()
    {
        await _bed.WriteAsync(Numbers);

        var link = ServingBed.Json(await _bed.GetAsync("?min-version=0&select=n")).GetProperty("nextLink").GetString();

        Assert.StartsWith("https://platform.example/api/v1/warehouse/tables/facts/rows?select=n&after=", link, StringComparison.Ordinal);
        Assert.DoesNotContain("version", link, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_large_rows_end_early_and_none_is_lost()
    {
        await _bed.WriteAsync("SELECT range::INTEGER AS n, repeat('x', 100000) AS s FROM range(200)");
        var pages = 0;
        List<int> read = [];
        for (string? query = "?orderby=n&top=150"; query is not null; pages++)
        {
            var context = await _bed.GetAsync(query);
            Assert.InRange(context.Response.Body.Length, 1, 9 << 20);
            var page = ServingBed.Json(context);
            read.AddRange(page.GetProperty("value").EnumerateArray().Select(row => row.GetProperty("n").GetInt32()));
            query = page.TryGetProperty("next", out var next) ? $"?orderby=n&top=150&after={next.GetString()}" : null;
        }

        Assert.Equal(2, pages);
        Assert.Equal(Enumerable.Range(0, 150), read);
    }

    [Theory]
    [InlineData("&filter=n ge 1", "InvalidCursor")]
    [InlineData("&version=1", "InvalidQueryOption")]
    [InlineData("&format=csv", "InvalidQueryOption")]
    public async Task A_cursor_goes_on_with_its_own_query_only(string more, string code)
    {
        await _bed.WriteAsync(Numbers);
        var next = ServingBed.Json(await _bed.GetAsync("?orderby=n")).GetProperty("next").GetString();

        Assert.Equal(1000, ServingBed.Json(await _bed.GetAsync($"?orderby=n&after={next}")).GetProperty("value")[0].GetProperty("n").GetInt32());
        await FailsAsync($"?orderby=n&after={next}{more}", FailureKind.Invalid, code);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, deflate, br", "br")]
    [InlineData("br;q=0.5, gzip", "gzip")]
    [InlineData("*", "br")]
    [InlineData("identity", "")]
    [InlineData("gzip;q=0", "")]
    public async Task Answers_are_compressed_as_the_client_likes_it(string accepted, string encoding)
    {
        await _bed.WriteAsync(Numbers);
        var plain = await _bed.GetAsync("?format=ndjson");

        var context = await _bed.GetAsync("?format=ndjson", ("Accept-Encoding", accepted));

        Assert.Equal(encoding, context.Response.Headers.ContentEncoding.ToString());
        Assert.Equal(plain.Response.Headers.ETag, context.Response.Headers.ETag);
        var bytes = new MemoryStream(((MemoryStream)context.Response.Body).ToArray());
        using Stream decoded = encoding switch
        {
            "gzip" => new System.IO.Compression.GZipStream(bytes, System.IO.Compression.CompressionMode.Decompress),
            "br" => new System.IO.Compression.BrotliStream(bytes, System.IO.Compression.CompressionMode.Decompress),
            _ => bytes,
        };
        using var reader = new StreamReader(decoded);
        Assert.Equal(ServingBed.Text(plain), await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal("", (await _bed.GetAsync("?top=1", ("Accept-Encoding", accepted))).Response.Headers.ContentEncoding.ToString());
    }

    [Fact]
    public async Task Parquet_begins_where_it_is_asked_to()
    {
        await _bed.WriteAsync("SELECT range AS n FROM range(10)");
        await _bed.WriteAsync("SELECT range + 10 AS n FROM range(10)", append: true);

        Assert.Equal("5", (await _bed.GetAsync("?format=parquet&skip=15&count=true&filter=n ge 15")).Response.Headers["Data-Count"]);
        var whole = ((MemoryStream)(await _bed.GetAsync("?format=parquet&skip=12&top=3")).Response.Body).ToArray();
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, whole, TestContext.Current.CancellationToken);
        using var sql = new StraightSql("rows", $"SELECT * FROM read_parquet('{file}')");
        File.Delete(file);
        Assert.Equal(["12", "13", "14"], sql.Rows("SELECT n FROM rows"));
    }

    [Theory]
    [InlineData("?format=parquet&count=true", "")]
    [InlineData("?filter=i eq 1 or i eq -2&orderby=i desc&count=true", "application/vnd.apache.parquet")]
    public async Task Parquet_has_the_types_and_rows_of_the_table(string query, string accept)
    {
        await _bed.WriteAsync(OneOfEach);

        var context = await _bed.GetAsync(query, ("Accept", accept));

        Assert.Equal("application/vnd.apache.parquet", context.Response.ContentType);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, ((MemoryStream)context.Response.Body).ToArray(), TestContext.Current.CancellationToken);
            using var sql = new StraightSql("rows", $"SELECT * FROM read_parquet('{file}')");
            using var source = new StraightSql("rows", OneOfEach);
            var all = "SELECT * REPLACE (t0::TIMESTAMP AS t0, t3::TIMESTAMP AS t3, t6::TIMESTAMP AS t6) FROM rows";
            var expected = query.Contains("filter", StringComparison.Ordinal) ? $"{all} WHERE i IN (1, -2) ORDER BY i DESC" : all;
            Assert.Equal(source.Rows(expected), sql.Rows(all));
            Assert.Equal($"{source.Rows(expected).Count}", context.Response.Headers["Data-Count"]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<TerminalException> FailsAsync(
        string query, FailureKind kind, string code, params (string Name, string Value)[] headers)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => _bed.GetAsync(query, headers));
        Assert.Equal(code, failure.Code);
        Assert.Equal(kind, failure.Kind);
        return failure;
    }
}
