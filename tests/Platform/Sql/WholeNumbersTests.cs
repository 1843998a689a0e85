using System.Text.Json;
using DataPlatform.Sql;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Sql;

public sealed class WholeNumbersTests
{
    private static readonly TableColumn Id = new("id", "long");

    private static DataFile File(string? low, string? high, IReadOnlyDictionary<string, string?>? partition = null) => new(
        "f.parquet", 1, partition ?? DataFile.NoPartition, 0, new FileStatistics(10, Bounds(low), Bounds(high), new Dictionary<string, long>()));

    private static Dictionary<string, JsonElement> Bounds(string? value) => value is null ? [] : new() { ["id"] = JsonElement.Parse(value) };

    [Fact]
    public void The_span_of_files_is_from_the_least_to_the_greatest()
    {
        Assert.Equal(new WholeNumbers(-5, 90), WholeNumbers.OfKey([Id], ["ID"], [File("10", "90"), File("-5", "7")]));
        Assert.Equal(new WholeNumbers(3, 3), WholeNumbers.OfKey([Id], ["id"], [File(null, null, new Dictionary<string, string?> { ["id"] = "3" })]));
    }

    [Fact]
    public void Files_that_do_not_tell_and_other_keys_have_no_span()
    {
        Assert.Null(WholeNumbers.OfKey([Id], ["id"], [File("10", "90"), File(null, null)]));
        Assert.Null(WholeNumbers.OfKey([Id], ["id"], [File("10", "9e1")]));
        Assert.Null(WholeNumbers.OfKey([Id], ["id"], [File("\"a\"", "\"b\"")]));
        Assert.Null(WholeNumbers.OfKey([Id with { Type = "string" }], ["id"], [File("1", "2")]));
        Assert.Null(WholeNumbers.OfKey([Id, new TableColumn("b", "long")], ["id", "b"], [File("1", "2")]));
        Assert.Null(WholeNumbers.OfKey([Id], ["other"], [File("1", "2")]));
        Assert.Null(WholeNumbers.OfKey([Id], ["id"], Array.Empty<DataFile>()));
    }

    [Theory]
    [InlineData("1", "9", false)]
    [InlineData("1", "10", true)]
    [InlineData("15", "16", true)]
    [InlineData("20", "30", true)]
    [InlineData("21", "30", false)]
    [InlineData(null, null, true)]
    [InlineData("1", null, true)]
    [InlineData("\"?\"", "\"?\"", true)]
    public void A_file_is_left_out_only_when_its_bounds_say_so(string? low, string? high, bool may) =>
        Assert.Equal(may, new WholeNumbers(10, 20).MayBeIn(File(low, high), Id));

    [Fact]
    public void Spans_of_all_numbers_are_not_dense()
    {
        Assert.True(new WholeNumbers(100, 110).IsDense(1));
        Assert.False(new WholeNumbers(0, 1000).IsDense(10));
        Assert.False(new WholeNumbers(long.MinValue, long.MaxValue).IsDense(long.MaxValue));
        Assert.False(new WholeNumbers(0, 1L << 30).IsDense(1L << 30));
    }
}
