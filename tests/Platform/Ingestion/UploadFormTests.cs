using System.Net.Http.Headers;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion;

public sealed class UploadFormTests
{
    private const string Rows = "id,name\n1,\"a\r\n--b\"\n2,ü\n";

    [Theory]
    [InlineData("text/csv", "x")]
    [InlineData("text/csv; charset=utf-8", "x.txt")]
    [InlineData("application/vnd.ms-excel", "orders.CSV")]
    [InlineData("application/octet-stream", "größe.csv")]
    [InlineData(null, "orders.csv")]
    public async Task The_file_of_a_form_is_a_batch(string? type, string name)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        foreach (var chunk in new[] { int.MaxValue, 1, 9 })
        {
            var (contentType, body) = await FormAsync(File(Rows, type, name));
            var receipt = await bed.PostAsync("things", new ChunkedStream(body, chunk), contentType);
            Assert.Equal((2, 0, Encoding.UTF8.GetByteCount(Rows)), (receipt.Loaded, receipt.Quarantined, receipt.Bytes));
            Assert.EndsWith(".csv", receipt.Raw, StringComparison.Ordinal);
        }

        Assert.Equal(["1|a\r\n--b", "2|ü"], await bed.QueryAsync("things", "SELECT DISTINCT id, name FROM t ORDER BY id"));
        await bed.AssertBalancedAsync("things");
    }

    [Theory]
    [InlineData("rows.json", "[{\"id\":1}]")]
    [InlineData("rows.ndjson", "{\"id\":1}")]
    [InlineData("rows.tsv", "id\tname\n1\tx\n")]
    public async Task A_files_name_tells_its_format(string name, string text)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var (type, body) = await FormAsync(File(text, "application/octet-stream", name));
        var receipt = await bed.PostAsync("things", body, type);
        Assert.Equal(1, receipt.Loaded);
        Assert.EndsWith(Path.GetExtension(name), receipt.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeat_in_another_form_is_the_same_batch()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        List<Receipt> receipts = [await bed.PostAsync("things", Rows, key: "k")];
        for (var i = 0; i < 2; i++)
        {
            var (type, body) = await FormAsync(File(Rows, "text/csv", $"{i}.csv"));
            receipts.Add(await bed.PostAsync("things", body, type, key: "k"));
        }

        Assert.Single(receipts.Select(receipt => receipt.Id).Distinct());
        Assert.Equal(["2"], await bed.QueryAsync("things", "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task What_is_not_one_whole_file_is_refused_and_nothing_stored()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        var (type, one) = await FormAsync(File(Rows, "text/csv", "a.csv"));
        foreach (var length in new[] { 0, 10, 60, one.Length / 2, one.Length - 60, one.Length - 8 })
            await RefusedAsync(bed, type, one[..length], FailureKind.Invalid);
        await RefusedAsync(bed, "multipart/form-data; boundary=other", one, FailureKind.Invalid);

        (type, var two) = await FormAsync(File(Rows, "text/csv", "a.csv"), File(Rows, "text/csv", "b.csv"));
        Assert.Contains("more than one file", (await RefusedAsync(bed, type, two, FailureKind.Invalid)).Message, StringComparison.Ordinal);
        (type, var field) = await FormAsync(File("v", "text/plain", null));
        Assert.Contains("'field'", (await RefusedAsync(bed, type, field, FailureKind.Invalid)).Message, StringComparison.Ordinal);
        (type, var none) = await FormAsync();
        await RefusedAsync(bed, type, none, FailureKind.Invalid);

        var content = File(Rows, "text/csv", "a.csv");
        content.Headers.Add("X-Long", new string('x', 20_000));
        (type, var longHeader) = await FormAsync(content);
        await RefusedAsync(bed, type, longHeader, FailureKind.Invalid);

        Assert.Null(await bed.Table("things").TryGetSnapshotAsync(null, default));
        await bed.AssertBalancedAsync("things");
    }

    [Fact]
    public async Task What_is_compressed_or_of_no_known_type_is_refused_by_name()
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("things");
        foreach (var name in new[] { "rows.csv.gz", "rows.csv.zst", "rows.zip", "rows.xlsx", "rows" })
        {
            var (type, body) = await FormAsync(File("x", "application/octet-stream", name));
            Assert.Contains(name, (await RefusedAsync(bed, type, body, FailureKind.UnsupportedMediaType)).Message, StringComparison.Ordinal);
        }

        var (whole, form) = await FormAsync(File(Rows, "text/csv", "a.csv"));
        await RefusedAsync(bed, whole, BatchBed.Gzip(form), FailureKind.UnsupportedMediaType, "gzip");
        await RefusedAsync(bed, "multipart/form-data", form, FailureKind.UnsupportedMediaType);
        await RefusedAsync(bed, "multipart/form-data; boundary=" + new string('x', 71), form, FailureKind.UnsupportedMediaType);
        await RefusedAsync(bed, "multipart/mixed; boundary=x", form, FailureKind.UnsupportedMediaType);
    }

    private static async Task<TerminalException> RefusedAsync(BatchBed bed, string type, byte[] body, FailureKind kind, string? encoding = null)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => bed.PostAsync("things", body, type, encoding: encoding));
        Assert.Equal((kind, kind == FailureKind.Invalid ? "UnreadableFile" : "UnsupportedMediaType"), (failure.Kind, failure.Code));
        return failure;
    }

    private static ByteArrayContent File(string text, string? type, string? name)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "field", FileName = name };
        return content;
    }

    private static async Task<(string Type, byte[] Body)> FormAsync(params HttpContent[] parts)
    {
        using var form = new MultipartFormDataContent();
        foreach (var part in parts)
            form.Add(part);
        return (form.Headers.ContentType!.ToString(), await form.ReadAsByteArrayAsync());
    }
}
