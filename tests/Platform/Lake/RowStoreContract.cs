using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Lake;

/// <summary>What every kind of row store promises.</summary>
public abstract class RowStoreContract
{
    private readonly string _partition = $"p-{Guid.NewGuid():n}";

    protected abstract IRowStore Store { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private const string Table = "contract_rows";

    [Fact]
    public async Task A_row_is_read_as_it_was_written()
    {
        Assert.Null(await Store.GetAsync(Table, Key("a"), Cancel));
        var inserted = await Store.TryInsertAsync(Table, Key("a"), Json("{\"n\":1}"), Cancel);
        var read = await Store.GetAsync(Table, Key("a"), Cancel);
        Assert.Equal(inserted!.ETag, read!.ETag);
        Assert.Equal(Key("a"), read.Key);
        Assert.Equal("{\"n\":1}", Text(read));
    }

    [Fact]
    public async Task A_table_that_never_had_a_row_is_empty()
    {
        var table = $"fresh-{Guid.NewGuid():n}";
        Assert.Null(await Store.GetAsync(table, Key("a"), Cancel));
        Assert.Empty(await ListAsync(null, null, table));
        Assert.Null(await Store.TryReplaceAsync(table, Key("a"), Json("1"), "any", Cancel));
        Assert.False(await Store.TryDeleteAsync(table, Key("a"), null, Cancel));
        Assert.False(await Store.TryBatchAsync(table, [RowOperation.Delete(Key("a"))], Cancel));
        Assert.True(await Store.TryBatchAsync(table, [RowOperation.Insert(Key("a"), 1)], Cancel));
        Assert.Single(await ListAsync(null, null, table));
    }

    [Fact]
    public async Task Of_fifty_inserts_exactly_one_wins()
    {
        var table = $"fresh-{Guid.NewGuid():n}";
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() =>
            Store.TryInsertAsync(table, Key("one"), Json($"{i}"), Cancel))));
        var winner = Assert.Single(Enumerable.Range(0, 50), i => results[i] is not null);
        Assert.Equal($"{winner}", Text((await Store.GetAsync(table, Key("one"), Cancel))!));
    }

    [Fact]
    public async Task A_counter_kept_by_ETag_loses_no_increment()
    {
        const int Writers = 4;
        const int Increments = 10;
        await Store.TryInsertAsync(Table, Key("counter"), 0, Cancel);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < Increments;)
            {
                var row = await Store.GetAsync<int>(Table, Key("counter"), Cancel);
                if (await Store.TryReplaceAsync(Table, Key("counter"), row!.Value + 1, row.ETag, Cancel) is not null)
                    done++;
            }
        })));

        Assert.Equal(Writers * Increments, (await Store.GetAsync<int>(Table, Key("counter"), Cancel))!.Value);
    }

    [Fact]
    public async Task Updates_at_the_same_time_are_all_kept_and_what_is_not_there_stays_so()
    {
        await Store.TryInsertAsync(Table, Key("list"), Array.Empty<int>(), Cancel);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Store.TryUpdateAsync<int[]>(Table, Key("list"), list => [.. list, i], Cancel)));
        var before = await Store.GetAsync<int[]>(Table, Key("list"), Cancel);
        var left = await Store.TryUpdateAsync<int[]>(Table, Key("list"), list => list, Cancel);

        Assert.Equal(Enumerable.Range(0, 8), before!.Value.Order());
        Assert.Equal(before.Value, left);
        Assert.Equal(before.ETag, (await Store.GetAsync<int[]>(Table, Key("list"), Cancel))!.ETag);
        Assert.Null(await Store.TryUpdateAsync<int[]>(Table, Key("none"), list => [.. list, 1], Cancel));
        Assert.Null(await Store.GetAsync(Table, Key("none"), Cancel));
    }

    [Fact]
    public async Task Conditions_that_do_not_hold_change_nothing()
    {
        Assert.Null(await Store.TryReplaceAsync(Table, Key("a"), Json("1"), "any", Cancel));
        var first = await Store.TryInsertAsync(Table, Key("a"), Json("1"), Cancel);
        Assert.Null(await Store.TryInsertAsync(Table, Key("a"), Json("2"), Cancel));
        var second = await Store.TryReplaceAsync(Table, Key("a"), Json("3"), first!.ETag, Cancel);
        Assert.NotEqual(first.ETag, second!.ETag);
        Assert.Null(await Store.TryReplaceAsync(Table, Key("a"), Json("4"), first.ETag, Cancel));
        Assert.False(await Store.TryDeleteAsync(Table, Key("a"), first.ETag, Cancel));
        Assert.Equal("3", Text((await Store.GetAsync(Table, Key("a"), Cancel))!));

        Assert.True(await Store.TryDeleteAsync(Table, Key("a"), second.ETag, Cancel));
        Assert.False(await Store.TryDeleteAsync(Table, Key("a"), null, Cancel));
        Assert.Null(await Store.GetAsync(Table, Key("a"), Cancel));
    }

    [Fact]
    public async Task An_upsert_inserts_and_replaces_whole()
    {
        var first = await Store.UpsertAsync(Table, Key("a"), new byte[200_000].Select(_ => (byte)' ').ToArray(), Cancel);
        var second = await Store.UpsertAsync(Table, Key("a"), Json("{\"short\":true}"), Cancel);
        Assert.NotEqual(first.ETag, second.ETag);
        var read = await Store.GetAsync(Table, Key("a"), Cancel);
        Assert.Equal(second.ETag, read!.ETag);
        Assert.Equal("{\"short\":true}", Text(read));
    }

    [Fact]
    public async Task A_batch_is_done_whole()
    {
        var replaced = await Store.TryInsertAsync(Table, Key("replaced"), Json("0"), Cancel);
        await Store.TryInsertAsync(Table, Key("deleted"), Json("0"), Cancel);
        await Store.TryInsertAsync(Table, Key("replaced-any"), Json("0"), Cancel);

        Assert.True(await Store.TryBatchAsync(
            Table,
            [
                RowOperation.Insert(Key("inserted"), 1),
                RowOperation.Replace(Key("replaced"), 2, replaced!.ETag),
                RowOperation.Upsert(Key("upserted"), 3),
                RowOperation.Delete(Key("deleted")),
                RowOperation.Replace(Key("replaced-any"), 4, null),
            ],
            Cancel));

        Assert.Equal(
            [("inserted", "1"), ("replaced", "2"), ("replaced-any", "4"), ("upserted", "3")],
            (await ListAsync(null, null)).Select(r => (r.Key.Id, Text(r))));
    }

    [Theory]
    [InlineData("insert")]
    [InlineData("replace")]
    [InlineData("replace-gone")]
    [InlineData("delete")]
    [InlineData("delete-gone")]
    public async Task A_batch_with_one_impossible_operation_does_nothing(string impossible)
    {
        var old = await Store.TryInsertAsync(Table, Key("there"), Json("0"), Cancel);
        var now = await Store.TryReplaceAsync(Table, Key("there"), Json("1"), old!.ETag, Cancel);
        var operation = impossible switch
        {
            "insert" => RowOperation.Insert(Key("there"), 9),
            "replace" => RowOperation.Replace(Key("there"), 9, old.ETag),
            "replace-gone" => RowOperation.Replace(Key("gone"), 9, null),
            "delete" => RowOperation.Delete(Key("there"), old.ETag),
            _ => RowOperation.Delete(Key("gone")),
        };

        Assert.False(await Store.TryBatchAsync(
            Table, [RowOperation.Insert(Key("before"), 5), operation, RowOperation.Upsert(Key("z-after"), 5)], Cancel));
        var left = Assert.Single(await ListAsync(null, null));
        Assert.Equal(now!.ETag, left.ETag);
        Assert.Equal("1", Text(left));
    }

    [Fact]
    public async Task A_query_gives_one_partition_in_ordinal_order_within_bounds()
    {
        string[] ids = ["B", "a", "a!", "a0", "aa", "b", "o'brien", "v00000000000000000009", "v00000000000000000010", "Ä", "~"];
        foreach (var id in ids)
            await Store.TryInsertAsync(Table, Key(id), id, Cancel);
        await Store.TryInsertAsync(Table, new RowKey(_partition + "x", "a"), "other partition", Cancel);

        var ordered = ids.Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(ordered, (await ListAsync(null, null)).Select(r => r.Key.Id));
        foreach (var after in ordered)
            Assert.Equal(ordered.Where(i => string.CompareOrdinal(i, after) > 0), (await ListAsync(after, null)).Select(r => r.Key.Id));
        foreach (var upTo in ordered)
            Assert.Equal(ordered.Where(i => string.CompareOrdinal(i, upTo) <= 0), (await ListAsync(null, upTo)).Select(r => r.Key.Id));
        Assert.Equal(["a0", "aa", "b"], (await ListAsync("a!", "b")).Select(r => r.Key.Id));
        Assert.Equal(["o'brien"], (await ListAsync("o", "p")).Select(r => r.Key.Id));
        Assert.Empty(await ListAsync("b", "a"));
    }

    [Fact]
    public async Task A_query_goes_on_over_many_pages()
    {
        const int Rows = 1_150;
        foreach (var chunk in Enumerable.Range(0, Rows).Chunk(RowLimits.MaxBatchOperations))
            Assert.True(await Store.TryBatchAsync(Table, [.. chunk.Select(i => RowOperation.Insert(Key($"{i:d6}"), i))], Cancel));

        var read = await ListAsync(null, null);
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => $"{i:d6}"), read.Select(r => r.Key.Id));
        Assert.Equal(Enumerable.Range(0, Rows).Select(i => $"{i}"), read.Select(Text));
    }

    [Fact]
    public async Task The_largest_row_is_kept_and_a_larger_one_refused()
    {
        var largest = new byte[RowLimits.MaxValueBytes];
        new Random(2).NextBytes(largest);
        var row = await Store.TryInsertAsync(Table, Key("large"), largest, Cancel);
        Assert.NotNull(row);
        Assert.Equal(largest, (await Store.GetAsync(Table, Key("large"), Cancel))!.Value.ToArray());
        Assert.Equal(largest, Assert.Single(await ListAsync(null, null)).Value.ToArray());

        var failure = await Assert.ThrowsAsync<TerminalException>(
            () => Store.UpsertAsync(Table, Key("large"), new byte[RowLimits.MaxValueBytes + 1], Cancel));
        Assert.Equal("RowTooLarge", failure.Code);
        Assert.Equal(FailureKind.TooLarge, failure.Kind);
    }

    [Fact]
    public async Task The_largest_batch_is_taken_and_larger_ones_refused()
    {
        var value = new byte[RowLimits.MaxBatchBytes / 100].Select(_ => (byte)'1').ToArray();
        RowOperation Upsert(int i, string? partition = null) =>
            new(RowOperationKind.Upsert, new RowKey(partition ?? _partition, new string('k', 500) + $"{i:d3}"), value);

        Assert.True(await Store.TryBatchAsync(Table, [.. Enumerable.Range(0, 100).Select(i => Upsert(i))], Cancel));
        Assert.Equal(100, (await ListAsync(null, null)).Count);

        await RefusedAsync([]);
        await RefusedAsync([.. Enumerable.Range(0, 101).Select(i => Upsert(i) with { Value = default })]);
        await RefusedAsync([Upsert(1), Upsert(1)]);
        await RefusedAsync([Upsert(1), Upsert(2, "other")]);
        await RefusedAsync([.. Enumerable.Range(0, 6).Select(i => Upsert(i) with { Value = new byte[RowLimits.MaxValueBytes] })]);

        async Task RefusedAsync(IReadOnlyList<RowOperation> operations) => Assert.Equal(
            "InvalidBatch", (await Assert.ThrowsAsync<TerminalException>(() => Store.TryBatchAsync(Table, operations, Cancel))).Code);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    [InlineData("")]
    public async Task Unusable_keys_are_refused(string id)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => Store.GetAsync(Table, Key(id), Cancel));
        Assert.Equal("InvalidKey", failure.Code);
        failure = await Assert.ThrowsAsync<TerminalException>(
            () => Store.TryInsertAsync(Table, new RowKey(id, "a"), Json("1"), Cancel));
        Assert.Equal("InvalidKey", failure.Code);
    }

    [Fact]
    public async Task A_key_with_half_of_a_surrogate_pair_is_refused() =>
        // Not in the theory above: attributes cannot hold it.
        await Unusable_keys_are_refused("x\ud83d");

    [Theory]
    [InlineData("it's")]
    [InlineData("a b+c%20d&e=f:g;h@i,j$k!(l)*")]
    [InlineData("ünï😀")]
    [InlineData(" edge ")]
    [InlineData("..")]
    [InlineData("2026-01-31T12:00:00Z|0")]
    public async Task Odd_keys_are_taken_as_they_are(string id)
    {
        var key = new RowKey(_partition + id, id);
        var inserted = await Store.TryInsertAsync(Table, key, Json("1"), Cancel);
        Assert.Equal(key, (await Store.GetAsync(Table, key, Cancel))!.Key);
        Assert.True(await Store.TryBatchAsync(Table, [RowOperation.Replace(key, 2, inserted!.ETag)], Cancel));
        await foreach (var row in Store.QueryAsync(Table, key.Partition, null, id, Cancel))
            Assert.Equal((key, "2"), (row.Key, Text(row)));
        Assert.True(await Store.TryDeleteAsync(Table, key, null, Cancel));
    }

    [Fact]
    public async Task The_longest_key_is_kept()
    {
        var key = new RowKey(new string('p', RowLimits.MaxKeyLength), new string('ü', RowLimits.MaxKeyLength));
        await Store.UpsertAsync(Table, key, Json("1"), Cancel);
        Assert.Equal(key, (await Store.GetAsync(Table, key, Cancel))!.Key);
        await Assert.ThrowsAsync<TerminalException>(() => Store.GetAsync(Table, key with { Id = key.Id + "x" }, Cancel));
    }

    [Fact]
    public async Task Types_survive_as_documents()
    {
        var value = new Sample("x", null, FailureKind.NotFound, new DateTimeOffset(2026, 1, 31, 14, 0, 0, 5, TimeSpan.FromHours(2)), [1, 2]);
        await Store.TryInsertAsync(Table, Key("typed"), value, Cancel);
        Assert.Equal(
            """{"name":"x","kind":"not_found","at":"2026-01-31T12:00:00.005Z","numbers":[1,2]}""",
            Text((await Store.GetAsync(Table, Key("typed"), Cancel))!));
        var read = (await Store.GetAsync<Sample>(Table, Key("typed"), Cancel))!.Value;
        Assert.Equal(JsonSerializer.Serialize(value with { At = value.At.ToUniversalTime() }), JsonSerializer.Serialize(read));
    }

    protected RowKey Key(string id) => new(_partition, id);

    protected static ReadOnlyMemory<byte> Json(string text) => Encoding.UTF8.GetBytes(text);

    protected static string Text(Row row) => Encoding.UTF8.GetString(row.Value.Span);

    private async Task<List<Row>> ListAsync(string? after, string? upTo, string table = Table)
    {
        var rows = new List<Row>();
        await foreach (var row in Store.QueryAsync(table, _partition, after, upTo, Cancel))
            rows.Add(row);
        return rows;
    }

    private sealed record Sample(string Name, string? Missing, FailureKind Kind, DateTimeOffset At, int[] Numbers);
}
