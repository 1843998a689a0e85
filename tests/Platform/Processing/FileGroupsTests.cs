using DataPlatform.Processing;
using DataPlatform.Tables;

namespace DataPlatform.Platform.Tests.Processing;

public sealed class FileGroupsTests
{
    [Theory]
    [InlineData(1, 1000, 1)]
    [InlineData(10, 100 << 20, 10)]
    [InlineData(10, 30 << 20, 3)]
    [InlineData(3, 1 << 20, 1)]
    [InlineData(1000, 64 << 20, 500)]
    [InlineData(10_000, 64 << 20, 1000)]
    public void Files_are_grouped_up_to_a_size_and_a_number_of_groups(int count, long bytes, int groups)
    {
        var files = Enumerable.Range(0, count).Select(i => new DataFile($"f{i}", bytes, DataFile.NoPartition, 0, Statistics: null)).ToList();

        var result = FileGroups.Of(files);

        Assert.True(result.Count <= groups && result.Count >= groups * 3 / 4, $"{result.Count}");
        Assert.Equal(files, result.SelectMany(group => group));
        Assert.All(result, group => Assert.NotEmpty(group));
    }
}
