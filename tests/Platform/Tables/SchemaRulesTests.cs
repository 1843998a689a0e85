using System.Text.Json.Nodes;
using DataPlatform.Failures;
using DataPlatform.Tables;
using static DataPlatform.Platform.Tests.Tables.Changes;

namespace DataPlatform.Platform.Tests.Tables;

public sealed class SchemaRulesTests : TableTest
{
    [Fact]
    public async Task Another_type_is_refused_with_both_types_and_the_fix()
    {
        var table = await ExistingAsync();

        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => table.CommitAsync(Append("b.parquet") with { Columns = [new("origin", "string"), new("delay", "string")] }, Token));

        Assert.Equal("Column 'delay' is integer in table 'flights' but string in this change: cast it to integer, or use another name.", failure.Message);
        Assert.Equal("delay", failure.Target);
    }

    [Theory]
    [InlineData("long")]
    [InlineData("double")]
    [InlineData("decimal(12,2)")]
    public async Task A_wider_type_is_refused_until_all_rows_are_replaced(string wider)
    {
        var table = await ExistingAsync();
        IReadOnlyList<TableColumn> columns = [new("origin", "string"), new("delay", wider)];

        var failure = await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("b.parquet") with { Columns = columns }, Token));
        await table.CommitAsync(Overwrite("b.parquet") with { Columns = columns }, Token);

        Assert.Equal(
            $"Column 'delay' is integer in table 'flights' but {wider} in this change: cast it to integer, widen the column (operation 'widen' of the table), "
                + "replace all rows of the table (of a step: run it with 'fullRefresh'), or use another name.",
            failure.Message);
        Assert.Equal(columns, (await table.TryGetSnapshotAsync(null, Token))!.Columns);
    }

    [Fact]
    public async Task A_new_column_needs_permission_and_is_nullable()
    {
        var table = await ExistingAsync();
        var change = Append("b.parquet") with { Columns = [.. Columns, new("carrier", "string", Nullable: false)] };

        var failure = await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(change, Token));
        await table.CommitAsync(change with { AllowNewColumns = true }, Token);

        Assert.Equal("Column 'carrier' (string) is not in table 'flights': leave it out, or allow new columns.", failure.Message);
        var snapshot = await table.TryGetSnapshotAsync(null, Token);
        Assert.Equal([.. Columns, new TableColumn("carrier", "string")], snapshot!.Columns);
        Assert.Equal((await table.TryGetSnapshotAsync(0, Token))!.TableId, snapshot.TableId);
    }

    [Fact]
    public async Task All_columns_that_do_not_fit_are_named()
    {
        var table = await ExistingAsync();

        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => table.CommitAsync(Append("b.parquet") with { Columns = [new("Origin", "string"), new("delay", "date"), new("x", "long")] }, Token));

        Assert.Equal(["Origin", "delay", "x"], failure.Details.Select(detail => detail.Target));
        Assert.StartsWith("3 columns do not fit table 'flights'. Column 'Origin' is written 'origin'", failure.Message);
    }

    [Fact]
    public async Task A_promise_of_no_nulls_ends_with_the_first_change_that_does_not_give_it()
    {
        var table = await ExistingAsync();

        await table.CommitAsync(Append() with { Columns = [new("delay", "integer")] }, Token);
        Assert.Equal(Columns, (await table.TryGetSnapshotAsync(null, Token))!.Columns);
        await table.CommitAsync(Append("b.parquet") with { Columns = [new("delay", "integer")] }, Token);

        Assert.Equal([new("origin", "string"), new("delay", "integer")], (await table.TryGetSnapshotAsync(null, Token))!.Columns);
        Assert.Equal(Columns, (await table.TryGetSnapshotAsync(1, Token))!.Columns);
    }

    [Fact]
    public async Task An_overwrite_replaces_the_columns_and_an_equal_one_leaves_them()
    {
        var table = await ExistingAsync();

        await table.CommitAsync(Overwrite("b.parquet"), Token);
        await table.CommitAsync(Overwrite("c.parquet") with { Columns = [new("n", "decimal(10,2)")] }, Token);

        Assert.DoesNotContain("metaData", await ReadLogAsync(Flights, 1));
        Assert.Equal([new TableColumn("n", "decimal(10,2)")], (await table.TryGetSnapshotAsync(null, Token))!.Columns);
    }

    [Fact]
    public async Task What_others_said_of_a_column_is_kept_when_the_schema_grows()
    {
        var schema = """{"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{"comment":"kept"}},"""
            + """{"name":"tags","type":{"type":"array","elementType":"string","containsNull":true},"nullable":true,"metadata":{}}]}""";
        await WriteLogAsync(Flights, 0, $$$"""
            {"protocol":{"minReaderVersion":1,"minWriterVersion":2}}
            {"metaData":{"id":"x","format":{"provider":"parquet","options":{}},"schemaString":{{{JsonValue.Create(schema).ToJsonString()}}},"partitionColumns":[],"configuration":{"k":"v"} } }
            """);
        var table = Process().Get(Flights);

        await table.CommitAsync(Append("b.parquet") with { Columns = [new("a", "long"), new("b", "date")], AllowNewColumns = true }, Token);

        var snapshot = await table.TryGetSnapshotAsync(null, Token);
        Assert.Equal(["long", """{"type":"array","elementType":"string","containsNull":true}""", "date"], snapshot!.Columns.Select(c => c.Type));
        var metadata = JsonNode.Parse((await ReadLogAsync(Flights, 1)).Split('\n').Single(line => line.Contains("metaData")))!["metaData"]!;
        Assert.Equal("v", (string?)metadata["configuration"]!["k"]);
        var fields = JsonNode.Parse((string)metadata["schemaString"]!)!["fields"]!;
        Assert.Equal("kept", (string?)fields[0]!["metadata"]!["comment"]);
        Assert.Equal("array", (string?)fields[1]!["type"]!["type"]);
    }

    [Fact]
    public async Task A_table_needs_columns_with_distinct_names()
    {
        var table = Process().Get(Flights);

        var none = await Assert.ThrowsAsync<TerminalException>(() => table.CommitAsync(Append("a.parquet") with { Columns = [] }, Token));
        var twice = await Assert.ThrowsAsync<TerminalException>(
            () => table.CommitAsync(Append("a.parquet") with { Columns = [new("a", "long"), new("A", "long")] }, Token));

        Assert.Equal("InvalidColumns", none.Code);
        Assert.Equal("A", twice.Target);
        Assert.Null(await table.TryGetSnapshotAsync(null, Token));
    }

    private async Task<DeltaTable> ExistingAsync()
    {
        var table = Process().Get(Flights);
        await table.CommitAsync(Append("a.parquet"), Token);
        return table;
    }
}
