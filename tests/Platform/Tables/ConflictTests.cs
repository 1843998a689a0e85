using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

/// <summary>Which changes can land behind which commits that they did not know of: Delta's rules for serializable writes.</summary>
public sealed class ConflictTests : TableTest
{
    // Of a table with the files a, b and c at version 0.
    private static readonly Dictionary<string, TableChange> Kinds = new()
    {
        ["append"] = Append("new.parquet"),
        ["append with columns"] = Append("new.parquet") with { Columns = [.. Columns, new("extra", "string")], AllowNewColumns = true },
        ["append with txn"] = Append("new.parquet") with { SinceVersion = 0, Transactions = new Dictionary<string, long> { ["app"] = 1 } },
        ["append with another txn"] = Append("new.parquet") with { SinceVersion = 0, Transactions = new Dictionary<string, long> { ["other"] = 1 } },
        ["merge of a"] = Append("new.parquet") with { Operation = "MERGE", Remove = ["a.parquet"], ReadVersion = 0 },
        ["merge of b"] = Append("new.parquet") with { Operation = "MERGE", Remove = ["b.parquet"], ReadVersion = 0 },
        ["delete in a"] = Append("new.parquet") with { Operation = "DELETE", Remove = ["a.parquet"], ReadVersion = 0, ReadFiles = ["a.parquet"] },
        ["delete in a reading b"] = Append("new.parquet") with { Operation = "DELETE", Remove = ["a.parquet"], ReadVersion = 0, ReadFiles = ["b.parquet"] },
        ["delete in b"] = Append("new.parquet") with { Operation = "DELETE", Remove = ["b.parquet"], ReadVersion = 0, ReadFiles = [] },
        ["delete of all b"] = Append() with { Operation = "DELETE", Remove = ["b.parquet"], ReadVersion = 0, ReadFiles = [] },
        ["restore of d"] = Append("new.parquet") with { Operation = "RESTORE", ReadVersion = 0 },
        ["append that read"] = Append("new.parquet") with { ReadVersion = 0, ReadFiles = [] },
        ["compaction of a b"] = Compaction("a.parquet", "b.parquet"),
        ["compaction of b c"] = Compaction("b.parquet", "c.parquet"),
        ["compaction of c"] = Compaction("c.parquet"),
        ["blind overwrite"] = Overwrite("new.parquet"),
        ["overwrite"] = Overwrite("new.parquet") with { ReadVersion = 0 },
        ["nothing"] = Append() with { Columns = [] },
    };

    [Theory]
    // What adds blindly lands behind everything.
    [InlineData("append", "append", true)]
    [InlineData("append with columns", "append", true)]
    [InlineData("merge of a", "append", true)]
    [InlineData("compaction of a b", "append", true)]
    [InlineData("overwrite", "append", true)]
    [InlineData("blind overwrite", "append", true)]
    [InlineData("append", "blind overwrite", true)]
    [InlineData("merge of a", "blind overwrite", true)]
    // What read the whole table has to see all rows.
    [InlineData("append", "merge of a", false)]
    [InlineData("merge of b", "merge of a", false)]
    [InlineData("delete in b", "merge of a", false)]
    [InlineData("overwrite", "merge of a", false)]
    [InlineData("append", "overwrite", false)]
    [InlineData("merge of a", "overwrite", false)]
    [InlineData("nothing", "merge of a", true)]
    [InlineData("nothing", "overwrite", true)]
    // Rows that are only rearranged are the same rows, unless a file is gone that was to be removed.
    [InlineData("compaction of b c", "merge of a", true)]
    [InlineData("compaction of a b", "merge of a", false)]
    [InlineData("compaction of a b", "overwrite", true)]
    // What read some files needs these.
    [InlineData("append", "delete in a", true)]
    [InlineData("append", "delete in a reading b", true)]
    // What changed rows may have changed some that it had to see, or was to see what it changes; those of other files that were only appended might have
    // come later.
    [InlineData("delete in b", "delete in a", false)]
    [InlineData("restore of d", "delete in a", false)]
    [InlineData("append that read", "delete in a", false)]
    [InlineData("delete of all b", "delete in a", true)]
    [InlineData("delete in a", "append that read", true)]
    [InlineData("restore of d", "compaction of a b", true)]
    [InlineData("delete in b", "delete in a reading b", false)]
    [InlineData("merge of a", "delete in a", false)]
    [InlineData("compaction of a b", "delete in a", false)]
    [InlineData("compaction of c", "delete in a", true)]
    [InlineData("overwrite", "delete in a", false)]
    // Compactions.
    [InlineData("append", "compaction of a b", true)]
    [InlineData("merge of a", "compaction of a b", false)]
    [InlineData("merge of a", "compaction of b c", true)]
    [InlineData("compaction of b c", "compaction of a b", false)]
    [InlineData("compaction of c", "compaction of a b", true)]
    [InlineData("blind overwrite", "compaction of a b", false)]
    // Other columns than those it was computed with.
    [InlineData("append with columns", "compaction of a b", false)]
    [InlineData("append with columns", "delete in a", false)]
    [InlineData("append with columns", "merge of a", false)]
    // The same application's next step.
    [InlineData("append with txn", "append with txn", false)]
    [InlineData("append with txn", "append with another txn", true)]
    [InlineData("append", "append with txn", true)]
    public async Task A_change_lands_or_conflicts(string first, string second, bool lands)
    {
        await Process().Get(Flights).CommitAsync(Append("a.parquet", "b.parquet", "c.parquet"), Token);
        await Process().Get(Flights).CommitAsync(Named(Kinds[first], "first.parquet"), Token);
        var change = Named(Kinds[second], "second.parquet");

        if (lands)
        {
            Assert.Equal(2, (await Process().Get(Flights).CommitAsync(change, Token)).Version);
            return;
        }

        var conflict = await Assert.ThrowsAsync<CommitConflictException>(() => Process().Get(Flights).CommitAsync(change, Token));
        Assert.Contains("computed: ", conflict.Message);
        Assert.Equal(1, (await Process().Get(Flights).TryGetSnapshotAsync(null, Token))!.Version);
    }

    [Fact]
    public async Task A_file_that_was_removed_and_came_back_is_a_conflict_all_the_same()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);
        await table.CommitAsync(Append() with { Columns = [], Remove = ["a.parquet"] }, Token);
        await table.CommitAsync(Append("a.parquet") with { Operation = "RESTORE" }, Token);

        await Assert.ThrowsAsync<CommitConflictException>(() => table.CommitAsync(Kinds["delete in a"], Token));
    }

    [Fact]
    public async Task Another_protocol_or_other_properties_are_a_conflict_for_what_was_computed_before()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet", "b.parquet"), Token);
        await WriteLogAsync(Flights, 1, """{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""");

        await Assert.ThrowsAsync<CommitConflictException>(() => table.CommitAsync(Kinds["compaction of a b"], Token));
        Assert.Equal(2, (await table.CommitAsync(Append("c.parquet"), Token)).Version);
    }

    private static TableChange Compaction(params string[] files) => Append("new.parquet") with
    {
        Operation = "OPTIMIZE",
        Remove = files,
        DataChange = false,
        ReadVersion = 0,
        ReadFiles = [],
    };

    private static TableChange Named(TableChange change, string file) => change with { Add = [.. change.Add.Select(_ => File(file))] };
}
