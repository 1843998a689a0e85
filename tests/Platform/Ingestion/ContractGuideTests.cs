using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlatform.TestKit;

namespace DataPlatform.Ingestion;

/// <summary>The guide to contracts says what they do.</summary>
public sealed partial class ContractGuideTests
{
    private static readonly string Guide = File.ReadAllText(Path.Combine(Repository.Root, "docs", "contracts.md"));

    public static TheoryData<string, string, string> Examples { get; } =
    [
        .. Example().Matches(Guide).Select(match => (match.Groups["contract"].Value, match.Groups["input"].Value, match.Groups["result"].Value)),
    ];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task An_examples_rows_become_what_it_says(string contract, string input, string result)
    {
        await using var bed = new BatchBed();
        await bed.DefineAsync("example", contract);
        var receipt = await bed.PostAsync("example", input);

        var columns = (await bed.SnapshotAsync("example")).Columns.Select(column => column.Name).Where(name => name[0] != '_');
        var rows = await bed.QueryAsync("example", $"SELECT {string.Join(", ", columns.Select(name => $"CAST({name} AS VARCHAR)"))} FROM t ORDER BY _row");
        var broken = (await bed.QuarantineAsync(receipt)).SelectMany(row => row["errors"]!.AsArray()).Select(error => $"! {(error!["column"] is { } column ? $"{column}: " : "")}{error["message"]}");
        Assert.Equal(result.TrimEnd('\n').Split('\n'), rows.Concat(broken));
    }

    [Fact]
    public void The_examples_are_found() => Assert.Equal(Guide.Split("```json").Length - 1, Examples.Count);

    [Fact]
    public async Task Every_member_of_the_schema_is_in_a_table()
    {
        using var schema = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Repository.Root, "docs", "schemas", "dataset.schema.json")));
        var definitions = schema.RootElement.GetProperty("$defs");
        var members = new[] { schema.RootElement, definitions.GetProperty("field"), definitions.GetProperty("check") }
            .SelectMany(place => place.GetProperty("properties").EnumerateObject().Select(member => member.Name))
            .Where(name => name != "$schema");

        Assert.All(members, name => Assert.Contains(Guide.Split('\n'), line => line.StartsWith('|') && line.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [GeneratedRegex("```json\n(?<contract>.*?)```\n```csv\n(?<input>.*?)```\n```text\n(?<result>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Example();
}
