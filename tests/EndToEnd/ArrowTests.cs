using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Our Arrow streams, read by software that knows nothing of us.</summary>
public sealed class ArrowTests(ArrowTests.Fixture fixture) : IClassFixture<ArrowTests.Fixture>
{
    [Fact]
    public async Task Values_of_all_types_are_what_they_were()
    {
        const string sql = """
            SELECT * FROM (VALUES
              (true, CAST(-7 AS SMALLINT), CAST(2147483647 AS INTEGER), CAST(9007199254740993 AS BIGINT), CAST(1.5 AS REAL), 2.25::DOUBLE, CAST(-12.34 AS DECIMAL(9,2)),
               CAST('-12345678901234567890123456789012345.678' AS DECIMAL(38,3)), 'ü "x"', DATE '1969-12-31', TIMESTAMP '2026-01-02 03:04:05.678', '\x00\xFF'::BLOB, [1, 2]),
              (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))
            t(flag, small, int, big, single, dbl, dec, long_dec, txt, day, moment, bin, list)
            """;

        var read = await QueryAsync(new { sql, format = "arrow" });

        Assert.Equal(
            """{"flag":"Bool","small":"Int32","int":"Int32","big":"Int64","single":"Float64","dbl":"Float64","dec":"Decimal[9e+2]","long_dec":"Decimal[38e+3]","txt":"Utf8","day":"Date32<DAY>","moment":"Timestamp<MICROSECOND, UTC>","bin":"Binary","list":"Utf8"}""",
            read.GetProperty("types").GetRawText());
        var first = read.GetProperty("first");
        Assert.Equal(
            ("true", "-7", "2147483647", "9007199254740993", "1.5", "2.25"),
            (Text(first, "flag"), Text(first, "small"), Text(first, "int"), Text(first, "big"), Text(first, "single"), Text(first, "dbl")));
        Assert.Equal(("-1234", "-12345678901234567890123456789012345678"), (Text(first, "dec"), Text(first, "long_dec")));
        Assert.Equal(("ü \"x\"", "00ff", "[1,2]"), (Text(first, "txt"), Text(first, "bin"), Text(first, "list")));
        Assert.Equal(DateTimeOffset.Parse("2026-01-02T03:04:05.678Z", null).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture), Text(first, "moment"));
        Assert.All(read.GetProperty("last").EnumerateObject(), value => Assert.Equal(JsonValueKind.Null, value.Value.ValueKind));
        Assert.All(read.GetProperty("nulls").EnumerateObject(), nulls => Assert.Equal(1, nulls.Value.GetInt32()));
    }

    [Fact]
    public async Task Many_rows_come_in_batches()
    {
        const long rows = 300_000;
        var read = await QueryAsync(new { sql = "SELECT i, i % 7 AS j, CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS k, 'text ' || i AS t FROM range($1) r(i)", parameters = new[] { rows }, format = "arrow" });

        Assert.Equal(rows, read.GetProperty("rows").GetInt64());
        Assert.True(read.GetProperty("batches").GetInt32() is > 5 and < 100, $"{read.GetProperty("batches")} batches");
        Assert.Equal((rows * (rows - 1) / 2).ToString(System.Globalization.CultureInfo.InvariantCulture), Text(read.GetProperty("sums"), "i"));
        Assert.Equal(100_000, read.GetProperty("nulls").GetProperty("k").GetInt32());
        Assert.Equal("text 299999", Text(read.GetProperty("last"), "t"));
    }

    [Fact]
    public async Task No_rows_still_have_columns()
    {
        var read = await QueryAsync(new { sql = "SELECT 1 AS a, 'x' AS b WHERE false", format = "arrow" });
        Assert.Equal((0, """{"a":"Int32","b":"Utf8"}"""), (read.GetProperty("rows").GetInt32(), read.GetProperty("types").GetRawText()));
    }

    [Fact]
    public async Task Rows_of_tables_are_given_by_the_accept_header()
    {
        var api = new PlatformApi(fixture.Host.Client);
        await api.PutAsync("datasets", "arrows", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "at", "type": "timestamp"} ] }""");
        await api.IngestAsync("arrows", "id,at\n1,2026-01-01T00:00:00Z\n2,\n");
        foreach (var (method, address, body) in ((HttpMethod, string, object?)[])[
            (HttpMethod.Get, "/api/v1/datasets/arrows/rows?orderby=id", null), (HttpMethod.Post, "/api/v1/warehouse/query", new { sql = "SELECT id, \"at\" FROM arrows ORDER BY id" })])
        {
            using var request = new HttpRequestMessage(method, address) { Content = body is null ? null : JsonContent.Create(body) };
            request.Headers.Add("Accept", "application/vnd.apache.arrow.stream");
            var read = await ReadAsync(request);
            Assert.Equal("""{"id":"Int64","at":"Timestamp<MICROSECOND, UTC>"}""", read.GetProperty("types").GetRawText());
            Assert.Equal(("3", 1), (Text(read.GetProperty("sums"), "id"), read.GetProperty("nulls").GetProperty("at").GetInt32()));
        }
    }

    private static string? Text(JsonElement row, string column) => row.GetProperty(column).GetString();

    private Task<JsonElement> QueryAsync(object query) =>
        ReadAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/warehouse/query") { Content = JsonContent.Create(query) });

    private async Task<JsonElement> ReadAsync(HttpRequestMessage request)
    {
        using var answer = await fixture.Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.IsSuccessStatusCode, await (answer.IsSuccessStatusCode ? Task.FromResult("") : answer.Content.ReadAsStringAsync()));
        Assert.Equal("application/vnd.apache.arrow.stream", answer.Content.Headers.ContentType?.ToString());
        var script = Path.Combine(Repository.Root, "tests", "EndToEnd", "Judges", "read-arrow.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        await answer.Content.CopyToAsync(node.StandardInput.BaseStream);
        node.StandardInput.Close();
        var text = await output;
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await errors);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>A host without data.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        private readonly TestFolder _folder = new();

        public AppHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Host = await AppHost.StartAsync(
            _folder.Storage, _folder.Path, new Dictionary<string, string> { ["DataPlatform__QueryMaxRows"] = "1000000" });

        public async ValueTask DisposeAsync()
        {
            await Host.DisposeAsync();
            _folder.Dispose();
        }
    }
}
