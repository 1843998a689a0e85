using System.Text.Json;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class StatisticsTests : TableTest
{
    [Fact]
    public async Task Statistics_come_back_from_the_log_as_they_were_given()
    {
        var statistics = new FileStatistics(
            12_345_678_901,
            Values(("text", "\"a \\\" ü\""), ("big", "9223372036854775807"), ("money", "-12.340"), ("at", "\"2026-01-02T03:04:05.678Z\""), ("on", "true")),
            Values(("text", "\"zz\"")),
            new Dictionary<string, long> { ["text"] = 0, ["delay"] = 12_345_678_901 });
        await Process().Get(Flights).CommitAsync(Append() with { Add = [File("a.parquet") with { Statistics = statistics }] }, Token);

        var read = (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!;

        var found = read.Files[0].Statistics!;
        Assert.Equal(12_345_678_901, read.Rows);
        Assert.Equal(Text(statistics.Minimum), Text(found.Minimum));
        Assert.Equal(Text(statistics.Maximum), Text(found.Maximum));
        Assert.Equal(statistics.NullCount, found.NullCount);
        Assert.Contains("\"numOutputRows\":\"12345678901\"", await ReadLogAsync(Flights, 0));
    }

    [Fact]
    public async Task A_file_without_statistics_has_none()
    {
        await Process().Get(Flights).CommitAsync(Append("a.parquet"), Token);

        var read = (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!;

        Assert.Null(read.Files[0].Statistics);
        Assert.Null(read.Rows);
        Assert.DoesNotContain("stats", await ReadLogAsync(Flights, 0));
    }

    private static Dictionary<string, JsonElement> Values(params (string Column, string Json)[] values) =>
        values.ToDictionary(value => value.Column, value => JsonElement.Parse(value.Json));

    private static Dictionary<string, string> Text(IReadOnlyDictionary<string, JsonElement> values) =>
        values.ToDictionary(value => value.Key, value => value.Value.GetRawText());

    [Fact]
    public void Statistics_as_text_are_parsed_when_asked_for_and_kept_as_they_were()
    {
        const string text = """{"numRecords":3,"tightBounds":true,"nullCount":{"nested":{"x":0}}}""";
        var file = Changes.File("a.parquet") with { StatisticsText = text };

        Assert.Equal(file, file with { });
        Assert.Equal(3, file.Statistics!.Rows);
        Assert.Equal(text, file.StatisticsText);
        Assert.Equal(file, file with { });
        Assert.Null((file with { StatisticsText = "{" }).Statistics);
        Assert.Null((file with { Statistics = null }).StatisticsText);
        Assert.NotEqual(file, file with { Statistics = null });
    }
}
