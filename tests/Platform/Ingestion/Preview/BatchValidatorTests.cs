using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DataPlatform.Failures;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Ingestion.Preview;

public sealed class BatchValidatorTests
{
    private const string Csv = "id,name,amount,at\n1,a,1.5,2026-01-01T00:00Z\n2,b,-1,\nx,c,1,yesterday\n3,,,\n";

    public static TheoryData<string, string, string> Bodies { get; } = new()
    {
        { "text/csv", "", Csv },
        { "text/csv; delimiter=\";\"", "gzip", Csv.Replace(',', ';') },
        { "application/x-ndjson", "", """
            {"id":1,"name":"a","amount":1.5,"at":"2026-01-01T00:00Z"}
            {"id":2,"name":"b","amount":-1}
            {"id":"x","name":"c","amount":1,"at":"yesterday"}
            {"id":3}
            """ },
        { "application/json", "", """[{"id":1,"name":"a","amount":1.5,"at":"2026-01-01T00:00Z"},{"id":2,"amount":-1},{"id":"x","at":"yesterday"},{"id":3}]""" },
        { "multipart/form-data; boundary=b", "", $"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{Csv}\r\n--b--\r\n" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_is_judged_as_ingestion_judges_it_and_nothing_is_stored(string type, string encoding, string text)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var body = encoding == "gzip" ? BatchBed.Gzip(Encoding.UTF8.GetBytes(text)) : Encoding.UTF8.GetBytes(text);
        var before = Listing(bed);
        var validation = await ValidateAsync(bed, "things", type, body, encoding: encoding);

        Assert.Equal(before, Listing(bed));
        Assert.Equal(new PreviewCounts(4, 2, 2, 0, 0), validation.Counts);
        Assert.Equal(1, validation.DefinitionVersion);
        Assert.Equal(["2:amount:min:-1", "3:id:type", "3:at:type"],
            validation.Errors.Select(error => $"{error.Row}:{error.Column}:{error.Rule}{(error.Rule == "min" ? ":" + error.Value : "")}"));
        Assert.All(validation.Errors, error => Assert.NotEmpty(error.Fix));
        Assert.Equal(["amount min 1", "at type 1", "id type 1"], validation.Causes.Select(cause => $"{cause.Column} {cause.Rule} {cause.Errors}"));
        var rows = validation.Rows.Select(row => JsonNode.Parse(row.Json.Span)!).ToList();
        Assert.Equal("""{"id":1,"name":"a","amount":1.5,"at":"2026-01-01T00:00:00Z","_row":1}""", rows[0].ToJsonString());
        Assert.Equal(4, (long)rows[1]["_row"]!);

        var receipt = await bed.PostAsync("things", body, type, encoding: encoding);
        Assert.Equal(validation.Counts, new PreviewCounts(receipt.Received, receipt.Loaded, receipt.Quarantined, receipt.Duplicate, receipt.Discarded));
        var quarantine = await bed.QuarantineAsync(receipt);
        Assert.Equal(quarantine.Select(row => $"{row["line"]} {row["offset"]}"), validation.Errors.DistinctBy(error => error.Row).Select(error => $"{error.Line} {error.Offset}"));
    }

    [Fact]
    public async Task Values_are_shown_as_the_table_would_have_them()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", """
            { "fields": [ {"name": "b", "type": "bool"}, {"name": "d", "type": "decimal(20,3)"}, {"name": "n", "type": "decimal(5,1)"}, {"name": "day", "type": "date"},
              {"name": "t", "type": "time"}, {"name": "u", "type": "uuid"}, {"name": "bin", "type": "binary"}, {"name": "j", "type": "json"},
              {"name": "m", "type": "string", "pii": "mask"}, {"name": "x", "type": "int32", "expression": "value * 2"} ],
              "raw": "none" }
            """);
        var deep = string.Concat(Enumerable.Repeat("[", 60)) + string.Concat(Enumerable.Repeat("]", 60));
        var validation = await ValidateAsync(bed, "things", "application/x-ndjson", Encoding.UTF8.GetBytes(
            $$"""{"b":true,"d":12345678901234567.5,"n":-1,"day":"2026-02-28","t":"01:02","u":"0B1E3F44-9E3B-4F2B-8E5D-0123456789AB","bin":"AQI=","j":{"a":{{deep}}},"m":"Ab1","x":21}""" + "\n{}\n"));

        Assert.Equal(
            $$"""{"b":true,"d":12345678901234567.500,"n":-1.0,"day":"2026-02-28","t":"01:02:00","u":"0b1e3f44-9e3b-4f2b-8e5d-0123456789ab","bin":"AQI=","j":{"a":{{deep}}},"m":"xx0","x":42,"_row":1}""",
            Encoding.UTF8.GetString(validation.Rows[0].Json.Span));
        Assert.Contains(deep, JsonSerializer.Serialize(validation, PlatformJson.Options), StringComparison.Ordinal);
        Assert.Equal("""{"b":null,"d":null,"n":null,"day":null,"t":null,"u":null,"bin":null,"j":null,"m":null,"x":null,"_row":2}""", Encoding.UTF8.GetString(validation.Rows[1].Json.Span));
    }

    [Fact]
    public async Task A_contract_in_the_form_or_of_another_version_is_taken()
    {
        await using var bed = new BatchBed();
        const string proposed = """{ "fields": [ {"name": "id", "type": "string"}, {"name": "name", "type": "string"}, {"name": "amount", "type": "string"}, {"name": "at", "type": "string"} ] }""";
        var form = Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; name=\"contract\"\r\n\r\n{proposed}\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{Csv}\r\n--b--\r\n");
        var free = await ValidateAsync(bed, "things", "multipart/form-data; boundary=b", form);

        Assert.Equal((new PreviewCounts(4, 4, 0, 0, 0), (long?)null), (free.Counts, free.DefinitionVersion));
        await bed.DefineAsync("things");
        await bed.DefineAsync("things", proposed);
        var old = await ValidateAsync(bed, "things", "text/csv", Encoding.UTF8.GetBytes(Csv), version: 1);
        Assert.Equal((2, 1), (old.Counts.Loaded, old.DefinitionVersion));
        var both = await Assert.ThrowsAsync<TerminalException>(() => ValidateAsync(bed, "things", "multipart/form-data; boundary=b", form, version: 1));
        Assert.Equal("version", both.Target);
        var broken = await Assert.ThrowsAsync<TerminalException>(() => ValidateAsync(bed, "things", "multipart/form-data; boundary=b",
            Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(form).Replace("string", "strange", StringComparison.Ordinal))));
        Assert.Equal("InvalidDefinition", broken.Code);
        Assert.Equal("DatasetNotFound", (await Assert.ThrowsAsync<TerminalException>(() => ValidateAsync(bed, "nothing", "text/csv", Encoding.UTF8.GetBytes(Csv)))).Code);
        Assert.Equal("UnreadableFile", (await Assert.ThrowsAsync<TerminalException>(() => ValidateAsync(bed, "things", "application/json", Encoding.UTF8.GetBytes("[{}")))).Code);
    }

    [Theory]
    [InlineData("\"unique\": true")]
    [InlineData("\"dedupe\": {\"window\": \"P1D\"}")]
    [InlineData("\"writeDisposition\": \"merge\"")]
    public async Task Keys_that_come_twice_are_counted(string member)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things", $$"""
            { {{member}}, "key": ["id"], "fields": [ {"name": "id", "type": "int32", "required": true} ] }
            """);
        const string body = "id\n1\n2\n1\n1\nx\n";
        var validation = await ValidateAsync(bed, "things", "text/csv", Encoding.UTF8.GetBytes(body));
        var receipt = await bed.PostAsync("things", body);

        Assert.Equal(new PreviewCounts(5, 2, 1, 2, 0), validation.Counts);
        Assert.Equal((receipt.Loaded, receipt.Quarantined, receipt.Duplicate), (validation.Counts.Loaded, validation.Counts.Quarantined, validation.Counts.Duplicate));
    }

    [Fact]
    public async Task What_is_shown_of_a_large_body_is_bounded()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var body = Encoding.UTF8.GetBytes("id,name\n" + string.Concat(Enumerable.Range(1, 200_000).Select(i => i % 2 == 0 ? $"{i},n\n" : $"x{i},n\n")));
        var validation = await ValidateAsync(bed, "things", "text/csv", body, rows: 7);

        Assert.Equal(new PreviewCounts(200_000, 100_000, 100_000, 0, 0), validation.Counts);
        Assert.Equal((7, 100, 99_900), (validation.Rows.Count, validation.Errors.Count, validation.MoreErrors));
        Assert.Equal(100_000, Assert.Single(validation.Causes).Errors);
        Assert.Equal((199L, 200L), (validation.Errors[^1].Row, validation.Errors[^1].Line));
    }

    internal static IReadOnlyList<string> Listing(BatchBed bed) =>
    [
        .. Directory.EnumerateFiles(bed.StoreFolder, "*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal))
            .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks}")).Order(StringComparer.Ordinal),
    ];

    private static Task<Validation> ValidateAsync(
        BatchBed bed, string dataset, string type, byte[] body, string encoding = "", long? version = null, int rows = BatchValidator.DefaultRows) =>
        bed.Services.GetRequiredService<BatchValidator>().ValidateAsync(new PreviewRequest(dataset, type, encoding, new MemoryStream(body)), version, rows, default);
}
