using System.Text;
using DataPlatform.Catalog;
using DataPlatform.Failures;
using DataPlatform.Operations;

namespace DataPlatform.Platform.Tests.Catalog;

public sealed class ParameterTests
{
    private const string Parameters = """[ {"name": "since", "type": "date", "default": "2020-01-01"}, {"name": "most", "type": "int64"} ]""";

    [Theory]
    [InlineData(ParameterType.String, "O'Brien; DROP TABLE x", "O'Brien; DROP TABLE x")]
    [InlineData(ParameterType.String, "a\0b", null)]
    [InlineData(ParameterType.Int64, "-9223372036854775808", "-9223372036854775808")]
    [InlineData(ParameterType.Int64, "9223372036854775808", null)]
    [InlineData(ParameterType.Int64, "1.0", null)]
    [InlineData(ParameterType.Float64, "1e3", "1000")]
    [InlineData(ParameterType.Float64, "NaN", null)]
    [InlineData(ParameterType.Float64, "1e999", null)]
    [InlineData(ParameterType.Decimal, "12.50", "12.50")]
    [InlineData(ParameterType.Decimal, "0.1234567890", null)]
    [InlineData(ParameterType.Decimal, "1,5", null)]
    [InlineData(ParameterType.Decimal, "12345678901234567890123456789", null)]
    [InlineData(ParameterType.Bool, "true", "true")]
    [InlineData(ParameterType.Bool, "1", null)]
    [InlineData(ParameterType.Date, "2024-02-29", "2024-02-29")]
    [InlineData(ParameterType.Date, "2023-02-29", null)]
    [InlineData(ParameterType.Date, "2024-02-29T00:00:00Z", null)]
    [InlineData(ParameterType.Timestamp, "2026-03-29T02:30:00+02:00", "2026-03-29T00:30:00Z")]
    [InlineData(ParameterType.Timestamp, "2026-03-29T02:30:00.25Z", "2026-03-29T02:30:00.25Z")]
    [InlineData(ParameterType.Timestamp, "2026-03-29T02:30:00", null)]
    public void Values_are_checked_and_written_in_one_way(ParameterType type, string text, string? expected)
    {
        Assert.Equal(expected, ParameterValue.Normalize(type, text));
        if (expected is not null)
            Assert.Equal(expected, ParameterValue.Normalize(type, expected));
    }

    [Fact]
    public void Declarations_are_read_and_all_their_mistakes_told()
    {
        var read = Parse(Parameters).Parameters;
        var mistakes = Assert.Throws<TerminalException>(() => Parse(
            """[ {"name": "A", "type": "date"}, {"name": "b", "type": "day"}, {"name": "c", "type": "int64", "default": "x"}, {"name": "c", "type": "bool"} ]"""));
        var triggered = Assert.Throws<TerminalException>(() => Parse(Parameters, """, "triggers": [ {"schedule": "0 * * * *"} ]"""));

        Assert.Equal([("since", ParameterType.Date, "2020-01-01"), ("most", ParameterType.Int64, null)], read.Select(p => (p.Name, p.Type, p.Default)));
        Assert.Equal(
            [("InvalidName", "$.parameters[0].name"), ("UnknownValue", "$.parameters[1].type"), ("InvalidValue", "$.parameters[2].default"), ("DuplicateName", "$.parameters[3].name")],
            mistakes.Details.Select(detail => (detail.Code, detail.Target)));
        Assert.Equal(("MissingDefault", "$.parameters[1]"), (triggered.Details[0].Code, triggered.Details[0].Target));
    }

    [Fact]
    public void Requests_give_values_and_name_steps_to_refresh()
    {
        var given = Read("""{ "parameters": {"most": 5, "since": "2024-01-02"}, "fullRefresh": ["s"] }""");

        Assert.Equal([("most", "5"), ("since", "2024-01-02")], given.Parameters.OrderBy(value => value.Key).Select(value => (value.Key, value.Value)));
        Assert.Equal(["s"], given.FullRefresh!);
        Assert.Equal(["s"], Read("""{ "parameters": {"most": "5"}, "fullRefresh": true }""").FullRefresh!);
        Assert.Null(Read("""{ "parameters": {"most": 5}, "fullRefresh": false }""").FullRefresh);
    }

    [Theory]
    [InlineData("", "MissingParameter", "$.parameters.most")]
    [InlineData("{}", "MissingParameter", "$.parameters.most")]
    [InlineData("""{ "parameters": {"most": 1.5} }""", "InvalidValue", "$.parameters.most")]
    [InlineData("""{ "parameters": {"most": 1, "Since": "2020-01-01"} }""", "UnknownMember", "$.parameters.Since")]
    [InlineData("""{ "parameters": {"most": 1}, "fullRefresh": ["t"] }""", "StepNotFound", "$.fullRefresh[0]")]
    [InlineData("""{ "parameters": {"most": 1}, "fullRefresh": "all" }""", "WrongKind", "$.fullRefresh")]
    [InlineData("""{ "parameters": {"most": 1}, "refresh": true }""", "UnknownMember", "$.refresh")]
    public void Requests_are_read_strictly(string document, string code, string place)
    {
        var mistake = Assert.Single(Assert.Throws<TerminalException>(() => Read(document)).Details);

        Assert.Equal((code, place), (mistake.Code, mistake.Target));
    }

    [Fact]
    public void What_is_not_JSON_is_refused() => Assert.Equal("InvalidJson", Assert.Throws<TerminalException>(() => Read("{")).Code);

    private static PipelineDefinition Parse(string parameters, string more = "") => DefinitionParser.Parse<PipelineDefinition>(
        Encoding.UTF8.GetBytes($$"""{ "parameters": {{parameters}}, "steps": [ {"name": "s", "target": "t", "sql": "SELECT $since, $most"} ]{{more}} }"""), "p");

    private static RunDocument Read(string document) => RunDocument.Read(Encoding.UTF8.GetBytes(document), Parse(Parameters));
}
