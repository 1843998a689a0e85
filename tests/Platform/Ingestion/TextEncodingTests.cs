using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

public sealed class TextEncodingTests
{
    private static readonly DatasetDefinition Texts = Dataset(Field("a", FieldType.String), Field("b", FieldType.String));
    private static readonly UnicodeEncoding LittleEndian = new(bigEndian: false, byteOrderMark: true);
    private static readonly UnicodeEncoding BigEndian = new(bigEndian: true, byteOrderMark: true);

    public static TheoryData<string?, string, bool> Written() => new()
    {
        { null, "utf-8", true }, { null, "utf-8", false }, { "utf-8", "utf-8", true }, { "\"UTF-8\"", "utf-8", false },
        { null, "utf-16", true }, { "utf-8", "utf-16", true }, { "utf-16", "utf-16", false }, { "utf-16le", "utf-16", true },
        { null, "utf-16be", true }, { "utf-16", "utf-16be", true }, { "utf-16be", "utf-16be", false },
        { "iso-8859-1", "iso-8859-1", false }, { "latin1", "iso-8859-1", false }, { "iso-8859-1", "utf-8", true },
        { "windows-1252", "windows-1252", false },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void Text_in_any_encoding_gives_its_characters(string? charset, string written, bool marked)
    {
        Encoding encoding = written switch
        {
            "utf-16" => LittleEndian,
            "utf-16be" => BigEndian,
            "iso-8859-1" => Encoding.Latin1,
            "windows-1252" => CodePagesEncodingProvider.Instance.GetEncoding(1252)!,
            _ => new UTF8Encoding(true),
        };
        var special = written switch { "iso-8859-1" => "éß\u0080", "windows-1252" => "é€“", _ => "é€😀\ud83d\ude00" };
        var text = new StringBuilder("a,b\n");
        for (var i = 0; i < 3000; i++)
            text.Append(i).Append(',').Append(special).Append(i % 7 == 0 ? "x\n" : "\n");
        byte[] body = [.. marked ? encoding.GetPreamble() : [], .. encoding.GetBytes(text.ToString())];
        var media = BatchMedia.Parse(charset is null ? "text/csv" : $"text/csv; charset={charset}", null);
        foreach (var chunk in new[] { int.MaxValue, 1, 4099 })
        {
            var parsed = Read(Texts, media, body, chunk: chunk);
            Assert.Empty(parsed.Quarantine);
            Assert.Equal(Enumerable.Range(0, 3000).Select(i => (object?)(special + (i % 7 == 0 ? "x" : ""))), parsed.Rows.Select(row => row[1]));
        }
    }

    [Fact]
    public void Json_may_be_utf16_too()
    {
        byte[] body = [.. BigEndian.GetPreamble(), .. BigEndian.GetBytes("""{"a":"é€😀"}""")];
        Assert.Equal("é€😀", Read(Texts, BatchFormat.Json, body, chunk: 1).Rows[0][0]);
        Assert.Equal("é€😀", Read(Texts, BatchFormat.Ndjson, body).Rows[0][0]);
    }

    [Fact]
    public void Half_of_a_character_breaks_its_row_only()
    {
        foreach (var encoding in new[] { LittleEndian, BigEndian })
        {
            var marker = encoding.GetBytes("\ud83d\ude00");
            var text = encoding.GetBytes("a,b\n1,x\n2,y😀\n3,😀z\n4,w\n");
            byte[] firstHalf = [.. encoding.GetPreamble(), .. Replace(text, encoding.GetBytes("y😀"), [.. encoding.GetBytes("y"), .. marker[..2]])];
            byte[] lastHalf = [.. encoding.GetPreamble(), .. Replace(text, encoding.GetBytes("😀z"), [.. marker[2..], .. encoding.GetBytes("z")])];
            byte[] cut = [.. encoding.GetPreamble(), .. text[..^3]];
            foreach (var chunk in new[] { int.MaxValue, 1, 3 })
            {
                Assert.Equal(["2:b:encoding"], Read(Texts, BatchFormat.Csv, firstHalf, chunk: chunk).Faults());
                Assert.Equal(["3:b:encoding"], Read(Texts, BatchFormat.Csv, lastHalf, chunk: chunk).Faults());
                var parsed = Read(Texts, BatchFormat.Csv, cut, chunk: chunk);
                Assert.Equal(["4:b:encoding"], parsed.Faults());
                Assert.Equal(["1", "2", "3"], parsed.Rows.Select(row => row[0]));
            }
        }
    }

    [Fact]
    public void Utf32_is_refused()
    {
        foreach (var encoding in new Encoding[] { new UTF32Encoding(false, true), new UTF32Encoding(true, true) })
        {
            byte[] body = [.. encoding.GetPreamble(), .. encoding.GetBytes("a,b\n")];
            Assert.Contains("UTF-32", Assert.Throws<TerminalException>(() => Read(Texts, BatchFormat.Csv, body)).Message, StringComparison.Ordinal);
        }
    }

    private static byte[] Replace(byte[] text, byte[] part, byte[] by)
    {
        var at = text.AsSpan().IndexOf(part);
        return [.. text[..at], .. by, .. text[(at + part.Length)..]];
    }
}
