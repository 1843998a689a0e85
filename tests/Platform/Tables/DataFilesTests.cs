using DataPlatform.Failures;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class DataFilesTests
{
    [Fact]
    public void A_name_is_made_of_its_arguments_alone()
    {
        Assert.Equal("part-00003-b1.zstd.parquet", DataFiles.NewName("b1", 3));
        Assert.Equal(DataFiles.NewName("run/step", 0), DataFiles.NewName("run/step", 0));
    }

    [Theory]
    [InlineData("run/step", "run-step")]
    [InlineData("ü ", "%")]
    public void Ids_with_special_characters_stay_distinct_and_give_usable_names(string id, string similar)
    {
        var name = DataFiles.NewName(id, 0);

        Assert.NotEqual(DataFiles.NewName(similar, 0), name);
        Assert.Equal(name, DataFiles.ToLogPath(name));
        Assert.Equal($"lake/tables/flights/{name}", DataFiles.Locate(Flights, name).Value);
    }

    [Theory]
    [InlineData("a b.parquet")]
    [InlineData("50%25 ü+&=#?.parquet")]
    [InlineData("part=x y/日本.parquet")]
    public void A_path_comes_back_from_the_log_as_it_was(string path) =>
        Assert.Equal($"lake/tables/flights/{path}", DataFiles.Locate(Flights, DataFiles.ToLogPath(path)).Value);

    [Theory]
    [InlineData("../other/a.parquet")]
    [InlineData("%2e%2e/other/a.parquet")]
    [InlineData("/etc/passwd")]
    [InlineData("abfss://c@a.dfs.core.windows.net/x.parquet")]
    [InlineData("a/%2e%2e/%2e%2e/b.parquet")]
    public void A_file_outside_the_table_is_refused(string path) =>
        Assert.Throws<TerminalException>(() => DataFiles.Locate(Flights, path));
}
