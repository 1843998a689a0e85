using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Tables;
using FsCheck;
using FsCheck.Fluent;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

public sealed class CsvRowReaderTests
{
    private static readonly DatasetDefinition Texts =
        Dataset(Field("a", FieldType.String), Field("b", FieldType.String), Field("c", FieldType.String));

    [Theory]
    [InlineData("a,b,c\n1,2,3\n4,5,6\n", "1|2|3 4|5|6")]
    [InlineData("a,b,c\r\n1,2,3\r\n4,5,6\r\n", "1|2|3 4|5|6")]
    [InlineData("a,b,c\r1,2,3\r4,5,6\r", "1|2|3 4|5|6")]
    [InlineData("a,b,c\n1,2,3\r\n4,5,6\r7,8,9", "1|2|3 4|5|6 7|8|9")]
    [InlineData("a,b,c\n1,2,3", "1|2|3")]
    [InlineData("\ufeffa,b,c\n1,2,3\n", "1|2|3")]
    [InlineData("a,b,c\n", "")]
    [InlineData("a,b,c", "")]
    [InlineData("\n\na,b,c\n\n1,2,3\n\r\n\n4,5,6\n\n", "1|2|3 4|5|6")]
    [InlineData("a,b,c\n1,\"x,y\",3\n", "1|x,y|3")]
    [InlineData("a,b,c\n1,\"say \"\"hi\"\"\",3\n", "1|say \"hi\"|3")]
    [InlineData("a,b,c\n\"\"\"\",\"\"\"\"\"\",3\n", "\"|\"\"|3")]
    [InlineData("a,b,c\n1,\"two\nlines\",3\n4,5,6\n", "1|two\nlines|3 4|5|6")]
    [InlineData("a,b,c\n1,\"two\r\nlines\",3\r\n4,5,6\r\n", "1|two\r\nlines|3 4|5|6")]
    [InlineData("a,b,c\n,,\n", "NULL|NULL|NULL")]
    [InlineData("a,b,c\n\"\",,\"\"\n", "|NULL|")]
    [InlineData("\"a\",\"b\",\"c\"\r\n\"1\",\"2\",\"3\"\r\n", "1|2|3")]
    [InlineData("a,b,c\n1, 2 ,ʤ\n", "1| 2 |ʤ")]
    [InlineData("c,a,b\n3,1,2\n", "1|2|3")]
    [InlineData("a,c\n1,3\n", "1|NULL|3")]
    [InlineData("a,b,c\n\"1\",2,\"3\"", "1|2|3")]
    [InlineData("a,b,c\n5'10\"x,x\"\"y,\"\n\"\n", "5'10\"x|x\"\"y|\n")]
    public void Well_formed_text_gives_its_values(string text, string expected)
    {
        foreach (var chunk in new[] { int.MaxValue, 1, 7 })
        {
            var parsed = Csv(Texts, text, chunk: chunk);
            Assert.Empty(parsed.Quarantine);
            Assert.Equal(expected, string.Join(' ', parsed.Rows.Select(row => string.Join('|', row.Select(value => value ?? "NULL")))));
        }
    }

    [Theory]
    [InlineData("1,xy\",3", "quote", "1,xy\",3")]
    [InlineData("1,x\"y,3\"", "quote", "1,x\"y,3\"")]
    [InlineData("1,\"x\"y,3", "quote", "1,\"x\"y,3")]
    [InlineData("1,\"x,3", "quote", "1,\"x,3")]
    [InlineData("1,2", "missing_value", "1,2")]
    [InlineData("1,2,3,4", "extra_value", "1,2,3,4")]
    [InlineData("1,2,3,", "extra_value", "1,2,3,")]
    [InlineData("1,\"x\ny\"z,3", "quote", "1,\"x\ny\"z,3")]
    [InlineData("1,\"x\ny\",3,4", "extra_value", "1,\"x\ny\",3,4")]
    public void A_broken_row_goes_to_quarantine_and_the_next_one_loads(string broken, string rule, string raw)
    {
        foreach (var lineEnd in new[] { "\n", "\r\n", "\r" })
        {
            foreach (var next in new[] { "4,5,6", "4,\"5\",6", "\"4\",\"5\n5\",6" })
            {
                var parsed = Csv(Texts, $"a,b,c{lineEnd}0,0,0{lineEnd}{broken}{lineEnd}{next}{lineEnd}7,8,9{lineEnd}");
                var row = Assert.Single(parsed.Quarantine);
                Assert.Equal(rule, (string?)row["errors"]![0]!["rule"]);
                Assert.Equal(raw, (string?)row["raw"]);
                Assert.Equal(2, (long)row["row"]!);
                Assert.Equal(3, (long)row["line"]!);
                Assert.Equal(5 + 5 + (2 * lineEnd.Length), (long)row["offset"]!);
                Assert.Equal([1, 3, 4], parsed.RowNumbers);
                Assert.Equal("7", parsed.Rows[2][0]);
            }
        }
    }

    [Fact]
    public void A_quote_that_is_closed_lines_later_takes_no_good_row_along()
    {
        var parsed = Csv(Texts, "a,b,c\n1,2,\"x\n4,5,6\n7,x\",9\n10,11,12\n");
        Assert.Equal(["1:-:quote", "3:-:quote"], parsed.Faults());
        Assert.Equal(["4", "10"], parsed.Rows.Select(row => row[0]));
    }

    [Fact]
    public void Lines_within_a_broken_quoted_text_never_pass_for_rows()
    {
        var parsed = Csv(Texts, "a,b,c\n1,\"text\n4,5,6\nmore\"x,3\n7,8,9\n");
        Assert.Single(parsed.Quarantine);
        Assert.Equal("7", Assert.Single(parsed.Rows)[0]);
    }

    [Fact]
    public void Bytes_that_are_no_utf8_are_kept_as_base64()
    {
        byte[] body = [.. "a,b,c\n1,"u8, 0xC3, 0x28, .. ",3\n4,é,6\n"u8];
        var parsed = Read(Texts, BatchFormat.Csv, body);
        Assert.Equal(["1:b:encoding"], parsed.Faults());
        Assert.Equal([.. "1,"u8, 0xC3, 0x28, .. ",3"u8], Convert.FromBase64String((string)parsed.Quarantine[0]["rawBase64"]!));
        Assert.Equal("é", Assert.Single(parsed.Rows)[1]);
    }

    [Theory]
    [InlineData("4,", ",6")]
    [InlineData("4,\"", "\",6")]
    public void A_row_that_is_too_long_goes_to_quarantine_cut_off(string before, string after)
    {
        var limits = IngestionLimits.Default with { MaxRowBytes = 100_000 };
        foreach (var length in new[] { 100_000, 400_000, 3_000_000 })
        {
            var parsed = Csv(Texts, $"a,b,c\n1,2,3\n{before}{new string('x', length)}{after}\r\n7,8,9\n", limits);
            Assert.Equal("size", (string?)Assert.Single(parsed.Quarantine)["errors"]![0]!["rule"]);
            Assert.True((bool)parsed.Quarantine[0]["truncated"]!);
            Assert.Equal(["1", "7"], parsed.Rows.Select(row => row[0]));
            Assert.Equal([1, 3], parsed.RowNumbers);
        }
    }

    [Fact]
    public void A_quote_that_is_never_closed_takes_one_line()
    {
        var text = new StringBuilder("a,b,c\n1,\"2,3\n");
        for (var i = 0; i < 300_000; i++)
            text.Append(i).Append(",x,y\n");
        var parsed = Csv(Texts, text.ToString());
        Assert.Equal(["1:-:quote"], parsed.Faults());
        Assert.Equal(300_000, parsed.Rows.Count);
    }

    [Theory]
    [InlineData("", "line 1")]
    [InlineData("\n\n", "line 1")]
    [InlineData("a,bx\",c\n1,2,3\n", "line 1")]
    [InlineData("a,b,a\n1,2,3\n", "the header row")]
    public void A_broken_header_refuses_the_file_and_names_the_place(string text, string place)
    {
        var failure = Assert.Throws<TerminalException>(() => Csv(Texts, text));
        Assert.Equal(("UnreadableFile", FailureKind.Invalid, place), (failure.Code, failure.Kind, failure.Target));
    }

    [Fact]
    public void An_unknown_column_is_decided_once_by_the_contract()
    {
        const string text = "a,b,c,extra\n1,2,3,x\n4,5,6,\n";
        var quarantined = Csv(Texts with { OnUnexpected = UnexpectedPolicy.Quarantine }, text);
        Assert.Equal(["1:extra:unknown_field", "2:extra:unknown_field"], quarantined.Faults());

        var discardedRows = Csv(Texts with { OnUnexpected = UnexpectedPolicy.DiscardRow }, text);
        Assert.Equal((2, 0), (discardedRows.Discarded, discardedRows.Rows.Count));

        var discardedValues = Csv(Texts with { OnUnexpected = UnexpectedPolicy.DiscardValue }, text);
        Assert.Equal(["a", "b", "c"], discardedValues.Columns);
        Assert.Equal(2, discardedValues.Rows.Count);

        var evolved = Csv(Texts with { OnUnexpected = UnexpectedPolicy.Evolve }, text);
        Assert.Equal(["a", "b", "c", "extra"], evolved.Columns);
        Assert.Equal(["x", null], evolved.Rows.Select(row => row[3]));

        var frozen = Assert.Throws<TerminalException>(() => Csv(Texts with { OnUnexpected = UnexpectedPolicy.Freeze }, text));
        Assert.Equal((FailureKind.Conflict, "UnexpectedField", "extra"), (frozen.Kind, frozen.Code, frozen.Target));
    }

    [Fact]
    public void An_evolved_column_takes_the_type_the_table_has()
    {
        var parsed = Read(Texts with { OnUnexpected = UnexpectedPolicy.Evolve }, BatchFormat.Csv,
            "a,b,c,extra\n1,2,3,5\n1,2,3,x\n"u8.ToArray(), table: [new TableColumn("extra", "long")]);
        Assert.Equal(5L, Assert.Single(parsed.Rows)[3]);
        Assert.Equal(["2:extra:type"], parsed.Faults());
    }

    [Fact]
    public void A_missing_column_is_null_or_breaks_every_row_when_required()
    {
        var definition = Dataset(Field("a", FieldType.Int32), Field("b", FieldType.Int32, required: true));
        Assert.Equal(["1:b:required", "2:b:required"], Csv(definition, "a\n1\n2\n").Faults());
        var frozen = Assert.Throws<TerminalException>(
            () => Csv(definition with { OnUnexpected = UnexpectedPolicy.Freeze }, "a\n1\n"));
        Assert.Equal((FailureKind.Conflict, "b"), (frozen.Kind, frozen.Target));
    }

    [Fact]
    public void A_file_of_one_column_may_have_empty_rows()
    {
        var parsed = Csv(Dataset(Field("a", FieldType.Int32)), "a\r\n1\r\n\r\n3\r\n");
        Assert.Equal([1, null, 3], parsed.Rows.Select(row => row[0]));
    }

    [Fact]
    public void All_errors_of_a_row_are_told_with_their_values()
    {
        var definition = Dataset(
            Field("n", FieldType.Int32) with { Min = 0 }, Field("t", FieldType.Timestamp), Field("s", FieldType.String, required: true));
        var parsed = Csv(definition, "n,t,s\n-5,yesterday,\n1,2024-01-01T00:00:00Z,x\n");
        Assert.Equal(["1:n:min", "1:t:type", "1:s:required"], parsed.Faults());
        Assert.Equal("-5", (string?)parsed.Quarantine[0]["errors"]![0]!["value"]);
        Assert.Equal("The smallest value allowed is 0.", (string?)parsed.Quarantine[0]["errors"]![0]!["message"]);
        Assert.Single(parsed.Rows);
    }

    [Fact]
    public void Rows_survive_any_chunking_and_block_size()
    {
        var value = Gen.Elements("", "x", "ü", "a,b", "line\nend", "cr\r\nlf", "\"", "\"\"quoted\"\"", "long " + new string('y', 90), " ");
        var row = value.ArrayOf(3);
        var table = row.ArrayOf();
        var property = Prop.ForAll(table.ToArbitrary(), Gen.Choose(1, 200).ToArbitrary(), (rows, chunk) =>
        {
            var lineEnd = (chunk % 3) switch { 0 => "\n", 1 => "\r\n", _ => "\r" };
            var text = new StringBuilder("a,b,c").Append(lineEnd);
            foreach (var values in rows)
                text.AppendJoin(',', values.Select(v => $"\"{v.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")).Append(lineEnd);
            var parsed = Csv(Texts, text.ToString(), IngestionLimits.Default with { BlockRows = 1 + (chunk % 5) }, chunk);
            return parsed.Rows.Count == rows.Length && parsed.Rows.Zip(rows).All(pair => pair.First.SequenceEqual(pair.Second));
        });
        Check.QuickThrowOnFailure(property);
    }

    [Fact]
    public void Random_bytes_are_always_accounted_for()
    {
        var piece = Gen.Elements("1", ",", "\"", "\n", "\r", "\r\n", "ab", "é", "\"\"", "1,2,3\n", "\u0000");
        Check.QuickThrowOnFailure(Prop.ForAll(piece.ListOf().ToArbitrary(), pieces =>
        {
            var text = "a,b,c\n" + string.Concat(pieces);
            var whole = Csv(Texts, text);
            var split = Csv(Texts, text, chunk: 3);
            return whole.Received == split.Received && whole.Faults().SequenceEqual(split.Faults())
                && whole.Rows.Zip(split.Rows).All(pair => pair.First.SequenceEqual(pair.Second));
        }));
    }
}
