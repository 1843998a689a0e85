using System.Text;
using DataPlatform.Catalog;

namespace DataPlatform.Platform.Tests.Catalog;

public sealed class ContractChangesTests
{
    [Theory]
    [InlineData("\"description\":\"d\"", "")]
    [InlineData("", "\"description\":\"d\"")]
    [InlineData("", "\"maxLength\":10")]
    [InlineData("\"maxLength\":20", "\"maxLength\":10")]
    [InlineData("\"maxLength\":10", "\"maxLength\":20")]
    [InlineData("", "\"required\":true")]
    [InlineData("", "\"required\":true,\"default\":\"x\"")]
    [InlineData("\"enum\":[\"a\",\"b\"]", "\"enum\":[\"a\"]")]
    [InlineData("\"enum\":[\"a\"]", "\"enum\":[\"a\",\"b\"]")]
    [InlineData("\"enum\":[\"a\"]", "")]
    [InlineData("", "\"case\":\"lower\"")]
    [InlineData("", "\"source\":\"other\"")]
    [InlineData("\"nullTokens\":[\"-\"]", "")]
    [InlineData("", "\"nullTokens\":[\"-\"]")]
    [InlineData("\"pattern\":\"a\"", "")]
    [InlineData("", "\"pattern\":\"a\"")]
    public void Tightening_breaks_and_loosening_does_not(string before, string after)
    {
        (string, string)[] breaking =
        [
            ("", "\"maxLength\":10"), ("\"maxLength\":20", "\"maxLength\":10"), ("", "\"required\":true"), ("\"enum\":[\"a\",\"b\"]", "\"enum\":[\"a\"]"),
            ("", "\"case\":\"lower\""), ("", "\"source\":\"other\""), ("\"nullTokens\":[\"-\"]", ""), ("", "\"pattern\":\"a\""),
        ];
        var changes = Between(Field("string", before), Field("string", after));

        Assert.NotEmpty(changes);
        Assert.Equal(breaking.Contains((before, after)), changes.Any(change => change.Class == ChangeClass.Breaking));
        Assert.All(changes, change => Assert.StartsWith("$.fields[0].", change.Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("int32", "\"min\":1", "\"min\":2", true)]
    [InlineData("int32", "\"min\":10", "\"min\":9", false)]
    [InlineData("decimal(38,2)", "\"max\":99999999999999999999999999999999999.99", "\"max\":99999999999999999999999999999999999.98", true)]
    [InlineData("date", "\"min\":\"2026-01-01\"", "\"min\":\"2025-01-01\"", false)]
    [InlineData("date", "\"min\":\"2026-01-01\"", "\"min\":\"2026-01-02\"", true)]
    [InlineData("date", "\"formats\":[\"yyyy/MM/dd\"]", "\"formats\":[\"yyyy/MM/dd\",\"iso\"]", false)]
    [InlineData("date", "", "\"formats\":[\"yyyy/MM/dd\"]", true)]
    [InlineData("date", "", "\"formats\":[\"yyyy/MM/dd\",\"iso\"]", false)]
    public void Bounds_are_compared_by_value(string type, string before, string after, bool breaking) =>
        Assert.Equal(breaking, Assert.Single(Between(Field(type, before), Field(type, after))).Class == ChangeClass.Breaking);

    [Fact]
    public void Every_change_is_listed_with_its_place()
    {
        var changes = Between(
            """{ "fields": [ {"name":"a","type":"int32"}, {"name":"b","type":"string"}, {"name":"c","type":"date"} ], "checks": [ {"name":"k","condition":"a > 0"} ], "csv": {"delimiter":";"} }""",
            """
            { "fields": [ {"name":"b","type":"uuid"}, {"name":"c","type":"date"}, {"name":"d","type":"int32","required":true}, {"name":"e","type":"int32"} ],
              "checks": [ {"name":"k","condition":"d > 0"}, {"name":"w","condition":"d > 1","onFail":"warn"} ], "onUnexpected": {"columns":"freeze","types":"discard_value"} }
            """);

        Assert.Equal(
            [
                "$.checks[0] breaking", "$.checks[1] compatible", "$.csv breaking", "$.fields breaking", "$.fields[0].type breaking", "$.fields[2] breaking",
                "$.fields[3] compatible", "$.onUnexpected.columns breaking", "$.onUnexpected.types compatible",
            ],
            changes.Select(change => $"{change.Path} {EnumNames.Of(change.Class)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_same_contract_has_no_changes() => Assert.Empty(Between(Documents.Flights, Documents.Flights));

    private static string Field(string type, string members) => Documents.Field($"\"type\":\"{type}\"" + (members.Length == 0 ? "" : "," + members));

    private static IReadOnlyList<ContractChange> Between(string before, string after) => ContractChanges.Between(Parse(before), Parse(after));

    private static DatasetDefinition Parse(string json) => DefinitionParser.Parse<DatasetDefinition>(Encoding.UTF8.GetBytes(json.Replace("\"name\": \"flights\",", "", StringComparison.Ordinal)), "rows");
}
