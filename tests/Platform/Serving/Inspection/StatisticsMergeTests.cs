using System.Text.Json;
using DataPlatform.Serving.Inspection;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Serving.Inspection;

public sealed class StatisticsMergeTests
{
    [Theory]
    [InlineData("long", "9", "10", "-3", "9", "-3", "10")]
    [InlineData("long", "9223372036854775806", "9223372036854775807", "9223372036854775805", "9223372036854775806", "9223372036854775805", "9223372036854775807")]
    [InlineData("decimal(10,2)", "9.10", "9.2", "-3", "10", "-3", "10")]
    [InlineData("double", "1e300", "2e300", "-1", "9", "-1", "2e300")]
    [InlineData("string", "\"b\"", "\"c\"", "\"B\"", "\"ü\"", "\"B\"", "\"ü\"")]
    [InlineData("string", "\"\\uFFFD\"", "\"\\uFFFD\"", "\"😀\"", "\"😀\"", "\"\\uFFFD\"", "\"😀\"")]
    [InlineData("date", "\"2026-01-09\"", "\"2026-01-10\"", "\"2025-12-31\"", "\"2026-01-01\"", "\"2025-12-31\"", "\"2026-01-10\"")]
    public void The_bounds_of_the_files_bound_the_table(string type, string low1, string high1, string low2, string high2, string low, string high)
    {
        var column = Merge(type, File(5, low1, high1, 1), File(7, low2, high2, 2));

        Assert.Equal((JsonElement.Parse(low).ToString(), JsonElement.Parse(high).ToString(), 3, true), (column.Minimum.ToString()!, column.Maximum.ToString()!, column.Nulls, column.Exact));
    }

    [Fact]
    public void A_file_that_says_nothing_leaves_nothing_known()
    {
        var column = Merge("long", File(5, "1", "2", 0), new DataFile("b", 1, DataFile.NoPartition, 0, null));
        Assert.Equal((null, null, null, false), (column.Minimum, column.Maximum, column.Nulls, column.Exact));
        Assert.Null(Merge("long", File(5, "1", "2", 0), File(5, null, null, 4)).Minimum);
    }

    [Fact]
    public void A_file_of_nulls_changes_no_bound()
    {
        var column = Merge("long", File(5, "1", "2", 0), File(5, null, null, 5));
        Assert.Equal(("1", "2", 5, true), (column.Minimum.ToString()!, column.Maximum.ToString()!, column.Nulls, column.Exact));
        Assert.Equal((null, 0L, true), (Merge("long").Minimum, Merge("long").Nulls, Merge("long").Exact));
    }

    [Theory]
    [InlineData("string", "\"12345678901234567890123456789012\"")]
    [InlineData("timestamp", "\"2026-01-01T00:00:00.000Z\"")]
    public void Bounds_that_may_be_cut_or_rounded_are_not_exact(string type, string value) => Assert.False(Merge(type, File(1, value, value, 0)).Exact);

    [Fact]
    public void Partition_columns_are_told_by_the_log()
    {
        DataFile[] files = [Partition("10", 3), Partition("9", 2), Partition(null, 4)];
        var column = Of(Snapshot("integer", ["x"], files)).Columns[0];

        Assert.Equal(("9", "10", 4, true), (column.Minimum.ToString()!, column.Maximum.ToString()!, column.Nulls, column.Exact));

        static DataFile Partition(string? value, long rows) =>
            new($"{value}", 1, new Dictionary<string, string?> { ["x"] = value }, 0, new FileStatistics(rows, Empty, Empty, new Dictionary<string, long>()));
    }

    [Fact]
    public void Rows_that_stand_for_deleted_keys_make_the_count_inexact()
    {
        var snapshot = Snapshot("long", [], [File(5, "1", "2", 0)]);
        Assert.Equal((5, true), (Of(snapshot).Rows, Of(snapshot).Exact));
        var merged = snapshot with { Columns = [.. snapshot.Columns, new TableColumn(TableColumn.Deleted, "boolean")] };
        Assert.False(Of(merged).Exact);
    }

    private static readonly Dictionary<string, JsonElement> Empty = [];

    private static ColumnStatistics Merge(string type, params DataFile[] files) => Assert.Single(Of(Snapshot(type, [], files)).Columns);

    private static TableStatistics Of(Snapshot snapshot) => StatisticsMerge.Of(snapshot, snapshot.Columns);

    private static Snapshot Snapshot(string type, string[] partitionColumns, DataFile[] files) => new(
        new TableName(TableKind.Warehouse, "t"), "id", 1, DateTimeOffset.UnixEpoch, [new TableColumn("x", type)], partitionColumns, files, new Dictionary<string, long>());

    private static DataFile File(long rows, string? low, string? high, long nulls) =>
        new("a", 1, DataFile.NoPartition, 0, new FileStatistics(rows, Values(low), Values(high), new Dictionary<string, long> { ["x"] = nulls }));

    private static Dictionary<string, JsonElement> Values(string? json) => json is null ? [] : new() { ["x"] = JsonElement.Parse(json) };
}
