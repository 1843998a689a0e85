using System.Globalization;
using DataPlatform.Catalog;
using DataPlatform.Ingestion.Values;
using static DataPlatform.Ingestion.Parsed;

namespace DataPlatform.Ingestion;

public sealed class ValueParserTests
{
    [Theory]
    [InlineData(FieldType.Int32, "0", 0)]
    [InlineData(FieldType.Int32, "-2147483648", int.MinValue)]
    [InlineData(FieldType.Int32, "2147483647", int.MaxValue)]
    [InlineData(FieldType.Int32, "+7", 7)]
    [InlineData(FieldType.Int32, "007", 7)]
    [InlineData(FieldType.Int64, "-9223372036854775808", long.MinValue)]
    [InlineData(FieldType.Int64, "9223372036854775807", long.MaxValue)]
    [InlineData(FieldType.Float64, "1.5", 1.5)]
    [InlineData(FieldType.Float64, "-1e-300", -1e-300)]
    [InlineData(FieldType.Float64, "1.7976931348623157e308", double.MaxValue)]
    [InlineData(FieldType.Bool, "true", true)]
    [InlineData(FieldType.Bool, "FALSE", false)]
    [InlineData(FieldType.Date, "1970-01-02", 1)]
    [InlineData(FieldType.Date, "0001-01-01", -719_162)]
    [InlineData(FieldType.Date, "9999-12-31", 2_932_896)]
    [InlineData(FieldType.Date, "2000-02-29", 11_016)]
    [InlineData(FieldType.Time, "09:05", "09:05:00")]
    [InlineData(FieldType.Time, "23:59:59.5", "23:59:59.500000")]
    [InlineData(FieldType.Timestamp, "1970-01-01T00:00:01Z", 1_000_000L)]
    [InlineData(FieldType.Timestamp, "1970-01-01 00:00:01", 1_000_000L)]
    [InlineData(FieldType.Timestamp, "1970-01-01T00:00:01", 1_000_000L)]
    [InlineData(FieldType.Timestamp, "1970-01-01T00:00", 0L)]
    [InlineData(FieldType.Timestamp, "1970-01-01T00:00:00.000001Z", 1L)]
    [InlineData(FieldType.Timestamp, "1970-01-01T02:00:00+02:00", 0L)]
    [InlineData(FieldType.Timestamp, "1969-12-31T18:30:00-0530", 0L)]
    [InlineData(FieldType.Timestamp, "1970-01-01T01:00:00.123+01", 123_000L)]
    [InlineData(FieldType.Uuid, "0F8FAD5B-D9CB-469F-A165-70867728950E", "0f8fad5b-d9cb-469f-a165-70867728950e")]
    [InlineData(FieldType.Json, "{\"a\": [1, 2]}", "{\"a\":[1,2]}")]
    [InlineData(FieldType.String, "any", "any")]
    public void A_value_of_the_type_is_kept(FieldType type, string text, object expected) =>
        Assert.Equal(expected, Assert.Single(Value(Field("v", type), text).Rows)[0]);

    [Theory]
    [InlineData(FieldType.Int32, "2147483648")]
    [InlineData(FieldType.Int32, "1.5")]
    [InlineData(FieldType.Int32, "1.0")]
    [InlineData(FieldType.Int32, "0x1F")]
    [InlineData(FieldType.Int32, " 1")]
    [InlineData(FieldType.Int32, "1 ")]
    [InlineData(FieldType.Int32, "1_000")]
    [InlineData(FieldType.Int32, "-")]
    [InlineData(FieldType.Int32, "--1")]
    [InlineData(FieldType.Int32, "1e3")]
    [InlineData(FieldType.Int64, "9223372036854775808")]
    [InlineData(FieldType.Int64, "-9223372036854775809")]
    [InlineData(FieldType.Int64, "99999999999999999999999999999999999999999999")]
    [InlineData(FieldType.Float64, "1e400")]
    [InlineData(FieldType.Float64, "NaN")]
    [InlineData(FieldType.Float64, "Infinity")]
    [InlineData(FieldType.Float64, "-∞")]
    [InlineData(FieldType.Float64, "1,5")]
    [InlineData(FieldType.Float64, "(1)")]
    [InlineData(FieldType.Float64, " 1")]
    [InlineData(FieldType.Bool, "1")]
    [InlineData(FieldType.Bool, "yes")]
    [InlineData(FieldType.Bool, "t")]
    [InlineData(FieldType.Date, "2001-02-29")]
    [InlineData(FieldType.Date, "1900-02-29")]
    [InlineData(FieldType.Date, "2001-13-01")]
    [InlineData(FieldType.Date, "2001-00-01")]
    [InlineData(FieldType.Date, "0000-01-01")]
    [InlineData(FieldType.Date, "2001-1-1")]
    [InlineData(FieldType.Date, "01/02/2001")]
    [InlineData(FieldType.Date, "epoch")]
    [InlineData(FieldType.Time, "24:00:00")]
    [InlineData(FieldType.Time, "9:05")]
    [InlineData(FieldType.Time, "09:05:60")]
    [InlineData(FieldType.Time, "09:05:00.")]
    [InlineData(FieldType.Time, "09:05:00.1234567")]
    [InlineData(FieldType.Time, "09:05:00Z")]
    [InlineData(FieldType.Timestamp, "2001-01-01")]
    [InlineData(FieldType.Timestamp, "2001-01-01T00:00:00.1234567Z")]
    [InlineData(FieldType.Timestamp, "2001-01-01T24:00:00Z")]
    [InlineData(FieldType.Timestamp, "2001-01-01T00:00:00 Z")]
    [InlineData(FieldType.Timestamp, "2001-01-01T00:00:00+1")]
    [InlineData(FieldType.Timestamp, "2001-01-01T00:00:00+19:00")]
    [InlineData(FieldType.Timestamp, "2001-01-01T00:00:00+01:60")]
    [InlineData(FieldType.Timestamp, "0001-01-01T00:00:00+01:00")]
    [InlineData(FieldType.Timestamp, "9999-12-31T23:59:59-01:00")]
    [InlineData(FieldType.Timestamp, "now")]
    [InlineData(FieldType.Uuid, "0f8fad5bd9cb469fa16570867728950e")]
    [InlineData(FieldType.Uuid, "{0f8fad5b-d9cb-469f-a165-70867728950e}")]
    [InlineData(FieldType.Uuid, "0f8fad5b-d9cb-469f-a165-70867728950g")]
    [InlineData(FieldType.Binary, "not base64!")]
    [InlineData(FieldType.Binary, "QQ")]
    [InlineData(FieldType.Json, "{\"a\":}")]
    [InlineData(FieldType.Json, "1 2")]
    public void A_value_that_is_not_of_the_type_is_refused(FieldType type, string text) =>
        Assert.Equal(["1:v:type"], Value(Field("v", type), text).Faults());

    [Theory]
    [InlineData(9, 2, "12.34", "12.34")]
    [InlineData(9, 2, "-0.01", "-0.01")]
    [InlineData(9, 2, "5", "5.00")]
    [InlineData(9, 2, "1.500", "1.50")]
    [InlineData(9, 2, ".5", "0.50")]
    [InlineData(38, 0, "99999999999999999999999999999999999999", "99999999999999999999999999999999999999")]
    [InlineData(38, 38, "-0.99999999999999999999999999999999999999", "-0.99999999999999999999999999999999999999")]
    [InlineData(18, 0, "999999999999999999", "999999999999999999")]
    [InlineData(9, 2, "9999999.99", "9999999.99")]
    [InlineData(9, 2, "10000000", null)]
    [InlineData(9, 2, "1.005", null)]
    [InlineData(9, 2, "1e2", "100.00")]
    [InlineData(9, 2, "", "NULL")]
    [InlineData(9, 2, ".", null)]
    [InlineData(9, 2, "1.2.3", null)]
    [InlineData(38, 0, "999999999999999999999999999999999999999", null)]
    [InlineData(38, 10, "99999999999999999999999999999", null)]
    [InlineData(9, 5, "1e-05", "0.00001")]
    [InlineData(9, 5, "1E-6", null)]
    [InlineData(9, 2, "-12.5e1", "-125.00")]
    [InlineData(9, 0, "1.5e1", "15")]
    [InlineData(9, 0, "1.5e0", null)]
    [InlineData(9, 0, "1e8", "100000000")]
    [InlineData(9, 0, "1e9", null)]
    [InlineData(38, 0, "1e37", "10000000000000000000000000000000000000")]
    [InlineData(38, 0, "1e38", null)]
    [InlineData(38, 38, "1e-38", "0.00000000000000000000000000000000000001")]
    [InlineData(38, 2, "0e99999999999999999999", null)]
    [InlineData(38, 2, "0e-999", "0.00")]
    [InlineData(38, 2, "5e-999999", null)]
    [InlineData(9, 2, "1e", null)]
    [InlineData(9, 2, "e1", null)]
    [InlineData(9, 2, "1e1e1", null)]
    [InlineData(9, 2, "1e1.0", null)]
    public void Decimals_are_exact(int precision, int scale, string text, string? expected)
    {
        var parsed = Value(Field("v", FieldType.Decimal) with { Precision = precision, Scale = scale }, text);
        if (expected is null)
            Assert.Equal(["1:v:type"], parsed.Faults());
        else if (expected == "NULL")
            Assert.Null(Assert.Single(parsed.Rows)[0]);
        else
            Assert.Equal(expected, DecimalText.Format(Assert.Single(parsed.Rows)[0] is long narrow ? narrow : (Int128)parsed.Rows[0][0]!, scale));
    }

    [Theory]
    [InlineData(FieldType.Int32, "-1.5", "7.5", "-2:min -1: 7: 8:max")]
    [InlineData(FieldType.Int64, "0", "9223372036854775807", "-1:min 0: 9223372036854775807:")]
    [InlineData(FieldType.Float64, "0.1", "0.3", "0.09:min 0.1: 0.3: 0.31:max")]
    [InlineData(FieldType.Decimal, "0.005", "1.005", "0.00:min 0.01: 1.00: 1.01:max")]
    public void Numbers_keep_within_their_bounds(FieldType type, string minimum, string maximum, string cases)
    {
        var field = Field("v", type) with
        {
            Precision = 10,
            Scale = 2,
            Min = decimal.Parse(minimum, CultureInfo.InvariantCulture),
            Max = decimal.Parse(maximum, CultureInfo.InvariantCulture),
        };
        foreach (var (value, rule) in cases.Split(' ').Select(part => (part.Split(':')[0], part.Split(':')[1])))
            Assert.Equal(rule.Length == 0 ? [] : [$"1:v:{rule}"], Value(field, value).Faults());
    }

    [Theory]
    [InlineData("ab", "min_length")]
    [InlineData("äöü", null)]
    [InlineData("😀😀😀😀", null)]
    [InlineData("😀😀😀😀😀", "max_length")]
    [InlineData("abcde", "max_length")]
    public void Lengths_count_characters(string text, string? rule) => Assert.Equal(
        rule is null ? [] : [$"1:v:{rule}"], Value(Field("v", FieldType.String) with { MinLength = 3, MaxLength = 4 }, text).Faults());

    [Fact]
    public void Patterns_and_choices_hold_for_every_row()
    {
        var pattern = Field("v", FieldType.String) with { Pattern = "^[A-Z0-9]{3}$" };
        var text = "v\n" + string.Concat(Enumerable.Range(0, 5000).Select(i => $"{(char)('A' + (i % 26))}{i % 10}{(i % 7 == 0 ? "x" : "Y")}\n"));
        Assert.Equal(Enumerable.Range(0, 5000).Count(i => i % 7 == 0), Csv(Dataset(pattern), text).Quarantine.Count);

        var choice = Field("v", FieldType.String) with { Enum = ["red", "grün"] };
        Assert.Equal(["2:v:enum", "4:v:enum"], Csv(Dataset(choice), "v\nred\nblue\ngrün\nRed\nred\n").Faults());
    }

    [Fact]
    public void A_time_without_an_offset_is_of_the_contracts_zone()
    {
        var definition = Dataset(Field("v", FieldType.Timestamp)) with { TimeZone = "Europe/Berlin" };
        var parsed = Csv(definition, """
            v
            2024-01-01T00:00:00
            2024-07-01T00:00:00
            2024-03-31T02:30:00
            2024-10-27T02:30:00
            2024-10-27T03:00:00
            1950-01-01T00:00:00
            2024-07-01T00:00:00Z
            """);
        Assert.Equal(["3:v:type"], parsed.Faults());
        Assert.Equal(
            ["2023-12-31T23:00:00", "2024-06-30T22:00:00", "2024-10-27T00:30:00", "2024-10-27T02:00:00", "1949-12-31T23:00:00", "2024-07-01T00:00:00"],
            parsed.Rows.Select(row => DateTime.UnixEpoch.AddMicroseconds((long)row[0]!).ToString("s", CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Dates_agree_with_the_calendar()
    {
        for (var date = new DateOnly(1899, 12, 25); date.Year < 2105; date = date.AddDays(1))
        {
            Assert.True(DateText.TryParseDate(System.Text.Encoding.ASCII.GetBytes(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)), out var days));
            Assert.Equal(date.DayNumber - DateText.UnixEpochDay, days);
        }
    }

    [Fact]
    public void An_empty_quoted_value_is_null_except_for_text()
    {
        var parsed = Csv(Dataset(Field("n", FieldType.Int32), Field("s", FieldType.String)), "n,s\n\"\",\"\"\n,\n");
        Assert.Equal([null, ""], parsed.Rows[0]);
        Assert.Equal([null, null], parsed.Rows[1]);
    }

    private static Parsed Value(FieldDefinition field, string text) =>
        Csv(Dataset(field), $"v\n{(text.AsSpan().ContainsAny(",\"\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text)}\n");

    [Fact]
    public void A_time_that_the_zones_clocks_skipped_is_refused_before_1970_too()
    {
        var parsed = Csv(Dataset(Field("t", FieldType.Timestamp)) with { TimeZone = "America/New_York" },
            "t\n1969-04-27T01:59:59.999999\n1969-04-27T02:00:00\n1969-04-27T02:59:59\n1969-04-27T03:00:00\n");
        Assert.Equal(["2:t:type", "3:t:type"], parsed.Faults());
        Assert.Equal(1L, (long)parsed.Rows[1][0]! - (long)parsed.Rows[0][0]!);
    }
}
