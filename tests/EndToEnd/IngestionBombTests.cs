using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using DataPlatform.TestKit;

namespace DataPlatform.EndToEnd.Tests;

/// <summary>Small bodies that would unfold, nest or claim to be huge: each gets a clear answer, and the host's memory stays flat.</summary>
public sealed class IngestionBombTests(ITestOutputHelper output)
{
    private const long Limit = 500L << 20;
    private const int Unfolded = 300 << 20;

    [Fact]
    public async Task Bombs_are_answered_and_the_host_goes_on()
    {
        using var folder = new TestFolder();
        await using var host = await AppHost.StartAsync(folder.Storage, folder.Path);
        var api = new PlatformApi(host.Client);
        await api.PutAsync("datasets", "things", """{ "fields": [ {"name": "id", "type": "int64"}, {"name": "doc", "type": "json"} ] }""");

        foreach (var (name, type, encoding, body, code) in Bombs())
        {
            using var answer = await api.PostBatchAsync("things", new MemoryStream(body), type, contentEncoding: encoding);
            var text = await answer.Content.ReadAsStringAsync();
            output.WriteLine($"{name}: {body.Length:N0} bytes, {(int)answer.StatusCode} {text[..Math.Min(text.Length, 200)]}");
            using var document = JsonDocument.Parse(text);
            if (code is null)
            {
                Assert.Equal((HttpStatusCode.OK, 1), (answer.StatusCode, document.RootElement.GetProperty("quarantined").GetInt64()));
                continue;
            }

            Assert.Equal(code == "UnfoldsTooLarge" ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(code, document.RootElement.GetProperty("error").GetProperty("code").GetString());
        }

        var receipt = await api.IngestAsync("things", "id,doc\n7,{}\n");
        Assert.Equal(1, receipt.GetProperty("loaded").GetInt64());
        Assert.Equal(1, await api.CountAsync("datasets/things"));
        var peak = ProcessMemory.PeakBytes(host.ProcessId);
        output.WriteLine($"peak {peak >> 20} MB");
        Assert.InRange(peak, 1, Limit);
    }

    /// <returns>With the code of the error; null where a row goes to quarantine.</returns>
    private static IEnumerable<(string Name, string Type, string? Encoding, byte[] Body, string? Code)> Bombs()
    {
        yield return ("gzip of zeros", "application/x-ndjson", "gzip", Fold(target => new GZipStream(target, CompressionLevel.SmallestSize)), "UnfoldsTooLarge");
        yield return ("brotli of zeros", "application/x-ndjson", "br", Fold(target => new BrotliStream(target, CompressionLevel.Fastest)), "UnfoldsTooLarge");
        yield return ("gzip of zeros as Parquet", "application/vnd.apache.parquet", "gzip", Fold(target => new GZipStream(target, CompressionLevel.SmallestSize)), "UnfoldsTooLarge");
        yield return ("JSON of brackets", "application/json", null, Repeat("[", 20 << 20), "UnreadableFile");
        yield return ("JSON of objects in objects", "application/json", null, Repeat("{\"a\":", 20 << 20), "UnreadableFile");
        yield return ("a line of brackets", "application/x-ndjson", null, [.. "{\"doc\":"u8, .. Repeat("[", 900_000)], null);
        yield return ("a long line", "application/x-ndjson", null, Repeat("{\"id\":", 30 << 20), null);
        yield return ("a line of members", "application/x-ndjson", null, Members(), null);
        yield return ("a long quoted value", "text/csv", null, [.. "id,doc\n1,\""u8, .. Repeat("x", 30 << 20), (byte)'"'], null);
        yield return ("a long header", "text/csv", null, Repeat("x", 30 << 20), "UnreadableFile");
        yield return ("a wide header", "text/csv", null, Repeat(",", 900_000), "UnreadableFile");
        yield return ("a deep Parquet schema", "application/vnd.apache.parquet", null, DeepParquet(3_000_000), "UnreadableFile");
    }

    private static byte[] Fold(Func<Stream, Stream> open)
    {
        using var target = new MemoryStream();
        using (var folded = open(target))
        {
            var zeros = new byte[1 << 20];
            for (var bytes = 0; bytes < Unfolded; bytes += zeros.Length)
                folded.Write(zeros);
        }

        return target.ToArray();
    }

    private static byte[] Repeat(string text, int bytes) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, bytes / text.Length)));

    private static byte[] Members() => Encoding.ASCII.GetBytes($"{{{string.Join(',', Enumerable.Range(0, 55_000).Select(i => $"\"member{i}\":1"))}}}");

    // A footer whose schema is one column within another, so many times; each element says that it has one child.
    private static byte[] DeepParquet(int depth)
    {
        List<byte> footer = [0x15, 0x02, 0x19, 0xFC];
        for (var count = (uint)depth + 1; ; count >>= 7)
        {
            footer.Add((byte)(count >= 0x80 ? count | 0x80 : count));
            if (count < 0x80)
                break;
        }

        for (var i = 0; i < depth; i++)
            footer.AddRange([0x55, 0x02, 0x00]);
        footer.AddRange([0x00, 0x16, 0x00, 0x19, 0x0C, 0x00]);
        return [.. "PAR1"u8, .. footer, .. BitConverter.GetBytes(footer.Count), .. "PAR1"u8];
    }
}
