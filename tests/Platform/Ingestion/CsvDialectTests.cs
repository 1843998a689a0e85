using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

public sealed class CsvDialectTests
{
    private static readonly DatasetDefinition Texts =
        Dataset(Field("a", FieldType.String), Field("b", FieldType.String), Field("c", FieldType.String));

    [Theory]
    [InlineData("text/csv; delimiter=\";\"", "a;b;c\n1;\"x;\"\"y\"\"\";3,5\n", "1|x;\"y\"|3,5")]
    [InlineData("text/csv; delimiter=tab", "a\tb\tc\n1\t2\t3\n", "1|2|3")]
    [InlineData("text/tab-separated-values", "a\tb\tc\r\n1\t\"x\ty\"\t3,4\r\n", "1|x\ty|3,4")]
    [InlineData("text/csv; delimiter=\"|\"; quote=\"'\"", "a|b|c\n'1|''x'|\"2\"|3\n", "1|'x|\"2\"|3")]
    [InlineData("text/csv; quote=none", "a,b,c\n\"1,2\",3\"\n", "\"1|2\"|3\"")]
    [InlineData("text/csv; header=absent", "1,2,3\n4,5,6\n", "1|2|3 4|5|6")]
    [InlineData("text/csv; header=present; charset=UTF-8", "c,b,a\n1,2,3\n", "3|2|1")]
    [InlineData("text/csv; header=absent; delimiter=\" \"", "1 2 3\n", "1|2|3")]
    public void A_media_type_says_how_its_csv_is_written(string type, string text, string expected)
    {
        foreach (var chunk in new[] { int.MaxValue, 1, 5 })
            Assert.Equal(expected, Show(Read(Texts, BatchMedia.Parse(type, null), Encoding.UTF8.GetBytes(text), chunk: chunk)));
    }

    [Theory]
    [InlineData("text/csv; header=no")]
    [InlineData("text/csv; delimeter=\";\"")]
    [InlineData("text/csv; delimiter=ab")]
    [InlineData("text/csv; delimiter=a")]
    [InlineData("text/csv; delimiter=\"\"")]
    [InlineData("text/csv; charset=utf-7")]
    [InlineData("text/csv; quote=\",\"")]
    public void A_parameter_that_is_not_read_is_refused(string type)
    {
        var failure = Assert.Throws<TerminalException>(() => Read(Texts, BatchMedia.Parse(type, null), "a,b,c\n"u8.ToArray()));
        Assert.Equal((FailureKind.UnsupportedMediaType, "Content-Type"), (failure.Kind, failure.Target));
    }

    [Fact]
    public void A_contract_says_how_its_csv_is_written_and_a_request_may_say_otherwise()
    {
        var definition = Texts with
        {
            Csv = new CsvDialect { Delimiter = ';', Quote = '\'', Header = false, NullTokens = ["NA", "n/a"], Comment = '#', Encoding = TextEncoding.Latin1 },
        };
        byte[] body = Encoding.Latin1.GetBytes("# made by hand\r\n1;NA;'NA'\r\n#;;\r\n'#';é;n/a\r\n");
        foreach (var chunk in new[] { int.MaxValue, 1, 3 })
        {
            var parsed = Read(definition, new BatchMedia(BatchFormat.Csv), body, chunk: chunk);
            Assert.Equal("1|NULL|NA #|é|NULL", Show(parsed));
        }

        var other = Read(definition, BatchMedia.Parse("text/csv; header=present; delimiter=\",\"; charset=utf-8", null), "a,b,c\n1,é,'2'\n"u8.ToArray());
        Assert.Equal("1|é|2", Show(other));
        Assert.Equal("UnsupportedMediaType", Assert.Throws<TerminalException>(
            () => Read(definition, BatchMedia.Parse("text/csv; delimiter=\"#\"", null), body)).Code);
    }

    [Fact]
    public void Values_by_position_must_be_as_many_as_the_contract_has_fields()
    {
        var parsed = Csv(Texts with { Csv = new CsvDialect { Header = false } }, "1,2\n1,2,3\n1,2,3,4\n");
        Assert.Equal(["1:c:missing_value", "3:-:extra_value"], parsed.Faults());
        Assert.Contains("the contract 3", (string)parsed.Quarantine[0]["errors"]![0]!["message"]!, StringComparison.Ordinal);
        Assert.Equal([1L, 3L], parsed.Quarantine.Select(row => (long)row["line"]!));
    }

    [Fact]
    public void Lines_of_comments_count_as_lines_but_not_as_rows()
    {
        var commented = Texts with { Csv = new CsvDialect { Comment = '#' } };
        var limits = IngestionLimits.Default with { WindowBytes = 1, MaxRowBytes = 100 };
        foreach (var lineEnd in new[] { "\n", "\r\n", "\r" })
        {
            var text = string.Join(lineEnd, "# " + new string('x', 500), "#", "a,b,c", "#1,2,3", "1,\"x", "#y\",3", "4,5", "# the end");
            foreach (var chunk in new[] { int.MaxValue, 1, 2, 70 })
            {
                var parsed = Csv(commented, text, limits, chunk);
                Assert.Equal($"1|x{lineEnd}#y|3", Show(parsed, quarantined: 1));
                Assert.Equal((2, 7L), ((int)parsed.Received, (long)parsed.Quarantine[0]["line"]!));
            }
        }
    }

    [Fact]
    public void A_header_that_is_too_long_or_too_wide_refuses_the_file()
    {
        var limits = IngestionLimits.Default with { MaxRowBytes = 1000, MaxColumns = 10 };
        foreach (var header in new[] { new string('x', 1001), "\"" + new string('x', 5000), string.Join(',', Enumerable.Range(0, 11)) })
        {
            foreach (var chunk in new[] { int.MaxValue, 100 })
                Assert.Equal("UnreadableFile", Assert.Throws<TerminalException>(() => Csv(Texts, header + "\n1,2,3\n", limits, chunk)).Code);
        }
    }

    private static string Show(Parsed parsed, int quarantined = 0)
    {
        Assert.Equal(quarantined, parsed.Quarantine.Count);
        return string.Join(' ', parsed.Rows.Select(row => string.Join('|', row.Select(value => value ?? "NULL"))));
    }
}
