using System.Security.Cryptography;
using System.Text;
using DataPlatform.Lake;

namespace DataPlatform.Platform.Tests.Lake;

/// <summary>What every kind of object store promises.</summary>
public abstract class ObjectStoreContract
{
    private readonly LakePath _home = LakePath.Parse($"lake/contract/{Guid.NewGuid():n}");

    protected abstract IObjectStore Store { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_is_read_as_it_was_written()
    {
        var path = At("a.bin");
        Assert.Null(await Store.GetInfoAsync(path, Cancel));

        var written = await Store.TryPutAsync(path, "hello"u8.ToArray(), PutCondition.None, "text/x-greeting", Cancel);
        var info = await Store.GetInfoAsync(path, Cancel);

        Assert.NotNull(written);
        Assert.Equal(5, written.Length);
        Assert.Equal(path, written.Path);
        Assert.Equal(written, info);
        Assert.Equal("text/x-greeting", info!.ContentType);
        Assert.Equal(TimeSpan.Zero, info.LastModified.Offset);
        Assert.DoesNotContain('"', info.ETag);
        Assert.Equal("hello", await ReadAsync(path));
    }

    [Fact]
    public async Task A_missing_object_cannot_be_read()
    {
        var path = At("none.bin");
        var failure = await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(path, null, Cancel));
        Assert.Equal(path, failure.Path);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(path, new ByteRange(1, 2), Cancel));

        var otherContainer = LakePath.Parse($"missing{Guid.NewGuid():n}/none.bin");
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync(otherContainer, null, Cancel));
        Assert.Null(await Store.GetInfoAsync(otherContainer, Cancel));
        Assert.False(await Store.TryDeleteAsync(otherContainer, null, Cancel));
        Assert.Empty(await ListAsync(otherContainer, null));
    }

    [Fact]
    public async Task A_copy_is_what_the_source_was_whatever_becomes_of_that()
    {
        var (source, target) = (At("source.bin"), LakePath.Parse($"new{Guid.NewGuid():n}/deep/copy.bin"));
        var written = await Store.TryPutAsync(source, "hello"u8.ToArray(), PutCondition.None, "text/x-greeting", Cancel);
        var copy = await Store.TryCopyAsync(source, written!.ETag, target, PutCondition.IfAbsent, Cancel);

        Assert.Equal((target, 5, "text/x-greeting"), (copy!.Path, copy.Length, copy.ContentType));
        Assert.Equal(copy, await Store.GetInfoAsync(target, Cancel));
        Assert.Null(await Store.TryCopyAsync(source, written.ETag, target, PutCondition.IfAbsent, Cancel));
        Assert.Equal(copy, await Store.GetInfoAsync(target, Cancel));
        Assert.NotNull(await PutAsync(source, "other"));
        Assert.Equal("hello", await ReadAsync(target));
        Assert.True(await Store.TryDeleteAsync(source, null, Cancel));
        Assert.Equal("hello", await ReadAsync(target));
        Assert.NotNull(await PutAsync(target, "changed"));
        Assert.Equal("changed", await ReadAsync(target));
    }

    [Fact]
    public async Task Metadata_stays_with_an_object_until_it_is_replaced()
    {
        var (path, copy) = (At("meta.bin"), At("meta copy.bin"));
        var metadata = new Dictionary<string, string> { ["author"] = "ann = bob; c", ["empty"] = "", ["_n1"] = "~ 1" };
        await using var stream = await Store.OpenWriteAsync(path, PutCondition.IfAbsent, "text/x-greeting", metadata, Cancel);
        await stream.WriteAsync("hello"u8.ToArray(), Cancel);
        var written = await stream.CompleteAsync(Cancel);

        var copied = await Store.TryCopyAsync(path, written!.ETag, copy, PutCondition.IfAbsent, Cancel);
        foreach (var info in (ObjectInfo?[])[written, await Store.GetInfoAsync(path, Cancel), copied, await Store.GetInfoAsync(copy, Cancel), .. await ListAsync(_home, null)])
        {
            Assert.Equal(metadata.OrderBy(pair => pair.Key), info!.Metadata!.OrderBy(pair => pair.Key));
            Assert.Equal("text/x-greeting", info.ContentType);
        }

        Assert.Null((await PutAsync(path, "other"))!.Metadata);
        Assert.Null((await Store.GetInfoAsync(path, Cancel))!.Metadata);
        Assert.NotNull((await Store.GetInfoAsync(copy, Cancel))!.Metadata);
    }

    [Fact]
    public async Task What_is_read_is_the_object_described_or_nothing()
    {
        var path = At("described.bin");
        var first = await PutAsync(path, "0123456789");
        await using (var whole = await Store.TryOpenReadAsync(first!, null, Cancel))
        await using (var part = await Store.TryOpenReadAsync(first!, new ByteRange(3, 4), Cancel))
        await using (var none = await Store.TryOpenReadAsync(first!, new ByteRange(3, 0), Cancel))
        {
            Assert.Equal("0123456789", await new StreamReader(whole!).ReadToEndAsync(Cancel));
            Assert.Equal("3456", await new StreamReader(part!).ReadToEndAsync(Cancel));
            Assert.Equal("", await new StreamReader(none!).ReadToEndAsync(Cancel));
        }

        var second = await PutAsync(path, "9876543210");
        Assert.Null(await Store.TryOpenReadAsync(first!, new ByteRange(3, 4), Cancel));
        Assert.True(await Store.TryDeleteAsync(path, null, Cancel));
        Assert.Null(await Store.TryOpenReadAsync(second!, null, Cancel));
    }

    [Fact]
    public async Task Only_what_the_source_is_known_to_be_is_copied()
    {
        var (source, target) = (At("source.bin"), At("copy.bin"));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.TryCopyAsync(source, "0x1", target, PutCondition.IfAbsent, Cancel));
        var first = await PutAsync(source, "first");
        await PutAsync(source, "second");
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.TryCopyAsync(source, first!.ETag, target, PutCondition.IfAbsent, Cancel));
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.TryCopyAsync(source, "no etag", target, PutCondition.IfAbsent, Cancel));
        Assert.Null(await Store.GetInfoAsync(target, Cancel));
    }

    [Fact]
    public async Task The_first_write_creates_the_container()
    {
        var path = LakePath.Parse($"new{Guid.NewGuid():n}/deep/er/x.bin");
        Assert.NotNull(await PutAsync(path, "1"));

        var streamed = LakePath.Parse($"new{Guid.NewGuid():n}/deep/er/x.bin");
        Assert.NotNull(await WriteAsync(streamed, "2"u8.ToArray(), PutCondition.IfAbsent));
        Assert.Equal("2", await ReadAsync(streamed));
    }

    [Fact]
    public async Task Of_fifty_puts_if_absent_exactly_one_wins()
    {
        var path = At("_delta_log/00000000000000000000.json");
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() =>
            Store.TryPutAsync(path, Encoding.UTF8.GetBytes($"writer {i}"), PutCondition.IfAbsent, null, Cancel))));

        var winner = Assert.Single(Enumerable.Range(0, 50), i => results[i] is not null);
        Assert.Equal($"writer {winner}", await ReadAsync(path));
        Assert.Equal(results[winner], await Store.GetInfoAsync(path, Cancel));
    }

    [Fact]
    public async Task A_counter_kept_by_ETag_loses_no_increment()
    {
        const int Writers = 4;
        const int Increments = 10;
        var path = At("counter.txt");
        await PutAsync(path, "0");

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < Increments;)
            {
                var info = await Store.GetInfoAsync(path, Cancel);
                var value = int.Parse(await ReadAsync(path)) + 1;
                var content = Encoding.UTF8.GetBytes($"{value}");
                if (await Store.TryPutAsync(path, content, PutCondition.IfMatch(info!.ETag), null, Cancel) is not null)
                    done++;
            }
        })));

        Assert.Equal($"{Writers * Increments}", await ReadAsync(path));
    }

    [Fact]
    public async Task Every_write_changes_the_ETag()
    {
        var path = At("same.txt");
        var tags = new HashSet<string>();
        for (var i = 0; i < 20; i++)
            Assert.True(tags.Add((await PutAsync(path, "same"))!.ETag));
        Assert.True(await Store.TryDeleteAsync(path, null, Cancel));
        Assert.True(tags.Add((await PutAsync(path, "same"))!.ETag));
    }

    [Fact]
    public async Task Conditions_that_do_not_hold_change_nothing()
    {
        var path = At("conditional.txt");
        Assert.Null(await Store.TryPutAsync(path, "x"u8.ToArray(), PutCondition.IfMatch("0x8DD000000000000"), null, Cancel));
        Assert.Null(await WriteAsync(path, "x"u8.ToArray(), PutCondition.IfMatch("0x8DD000000000000")));
        Assert.Null(await Store.GetInfoAsync(path, Cancel));

        var first = await PutAsync(path, "first");
        var second = await PutAsync(path, "second");
        Assert.Null(await Store.TryPutAsync(path, "x"u8.ToArray(), PutCondition.IfAbsent, null, Cancel));
        Assert.Null(await Store.TryPutAsync(path, "x"u8.ToArray(), PutCondition.IfMatch(first!.ETag), null, Cancel));
        Assert.Null(await WriteAsync(path, "x"u8.ToArray(), PutCondition.IfAbsent));
        Assert.Null(await WriteAsync(path, "x"u8.ToArray(), PutCondition.IfMatch(first.ETag)));
        Assert.Equal("second", await ReadAsync(path));

        var third = await WriteAsync(path, "third"u8.ToArray(), PutCondition.IfMatch(second!.ETag));
        Assert.Equal(third, await Store.GetInfoAsync(path, Cancel));
        Assert.Equal("third", await ReadAsync(path));
    }

    [Fact]
    public async Task A_streamed_object_is_invisible_until_it_is_complete()
    {
        var path = At("streamed.bin");
        await using var stream = await Store.OpenWriteAsync(path, PutCondition.IfAbsent, "application/x-test", Cancel);
        await stream.WriteAsync(new byte[5 << 20], Cancel);
        await stream.FlushAsync(Cancel);
        Assert.Null(await Store.GetInfoAsync(path, Cancel));
        Assert.Empty(await ListAsync(_home, null));

        var info = await stream.CompleteAsync(Cancel);
        Assert.Equal(5 << 20, info!.Length);
        Assert.Equal("application/x-test", info.ContentType);
        Assert.Equal(info, await Store.GetInfoAsync(path, Cancel));
        Assert.Equal(info, Assert.Single(await ListAsync(_home, null)));
    }

    [Fact]
    public async Task An_abandoned_stream_leaves_nothing_and_does_not_stand_in_the_way()
    {
        var path = At("abandoned.bin");
        await using (var stream = await Store.OpenWriteAsync(path, PutCondition.IfAbsent, null, Cancel))
            await stream.WriteAsync(new byte[9 << 20], Cancel);

        Assert.Null(await Store.GetInfoAsync(path, Cancel));
        Assert.Empty(await ListAsync(_home, null));
        Assert.NotNull(await Store.TryPutAsync(path, "x"u8.ToArray(), PutCondition.IfAbsent, null, Cancel));
        Assert.Equal("x", await ReadAsync(path));
    }

    [Fact]
    public async Task Of_streams_into_one_absent_object_exactly_one_wins()
    {
        var path = At("raced.bin");
        var bodies = Enumerable.Range(0, 6).Select(i => Enumerable.Repeat((byte)i, (5 << 20) + i).ToArray()).ToArray();
        var results = await Task.WhenAll(bodies.Select(body => Task.Run(() => WriteAsync(path, body, PutCondition.IfAbsent))));

        var winner = Assert.Single(Enumerable.Range(0, bodies.Length), i => results[i] is not null);
        Assert.Equal(SHA256.HashData(bodies[winner]), await HashAsync(path));
    }

    [Fact]
    public async Task Forty_megabytes_come_back_unchanged()
    {
        var path = At("large.bin");
        var chunk = new byte[777_777];
        var random = new Random(1);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long length = 0;
        await using (var stream = await Store.OpenWriteAsync(path, PutCondition.IfAbsent, null, Cancel))
        {
            while (length < 40 << 20)
            {
                random.NextBytes(chunk);
                hash.AppendData(chunk);
                await stream.WriteAsync(chunk, Cancel);
                length += chunk.Length;
            }

            Assert.Equal(length, (await stream.CompleteAsync(Cancel))!.Length);
        }

        Assert.Equal(hash.GetHashAndReset(), await HashAsync(path));
    }

    [Fact]
    public async Task An_empty_object_can_be_put_and_streamed()
    {
        Assert.Equal(0, (await PutAsync(At("empty-put"), ""))!.Length);
        Assert.Equal(0, (await WriteAsync(At("empty-streamed"), [], PutCondition.IfAbsent))!.Length);
        Assert.Equal("", await ReadAsync(At("empty-put")));
        Assert.Equal("", await ReadAsync(At("empty-streamed")));
        Assert.Equal("", await ReadAsync(At("empty-streamed"), new ByteRange(0, 5)));
    }

    [Theory]
    [InlineData(0, 4L, "0123")]
    [InlineData(3, 4L, "3456")]
    [InlineData(3, null, "3456789")]
    [InlineData(9, 1L, "9")]
    [InlineData(8, 100L, "89")]
    [InlineData(10, null, "")]
    [InlineData(10, 5L, "")]
    [InlineData(1000, null, "")]
    [InlineData(4, 0L, "")]
    public async Task A_range_reads_its_part(long offset, long? length, string expected)
    {
        var path = At("digits.txt");
        await PutAsync(path, "0123456789");
        Assert.Equal(expected, await ReadAsync(path, new ByteRange(offset, length)));
    }

    [Fact]
    public async Task A_reader_that_began_is_not_disturbed_by_a_replacement()
    {
        var path = At("replaced.bin");
        var old = RandomNumberGenerator.GetBytes(6 << 20);
        await WriteAsync(path, old, PutCondition.None);
        await using var stream = await Store.OpenReadAsync(path, null, Cancel);
        var read = new byte[old.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 1000), Cancel);
        await PutAsync(path, "new");
        try
        {
            await stream.ReadExactlyAsync(read.AsMemory(1000), Cancel);
            Assert.Equal(old, read);
        }
        catch (DataPlatform.Failures.TransientException)
        {
            // Also fine: an error, but never a mix of two versions.
        }
    }

    [Fact]
    public async Task A_list_is_in_ordinal_order_and_starts_after_a_path()
    {
        string[] names = ["a-b.txt", "a/1.txt", "a/2/x.txt", "a0.txt", "B.txt", "_z/9.txt", "a/10.txt", "Ä/ö.txt", "a b/c.txt"];
        foreach (var name in names)
            await PutAsync(At(name), name);
        await PutAsync(LakePath.Parse(_home.Value + "-sibling/x.txt"), "not below the prefix");

        var expected = names.Select(n => At(n).Value).Order(StringComparer.Ordinal).ToArray();
        var all = await ListAsync(_home, null);
        Assert.Equal(expected, all.Select(o => o.Path.Value));
        Assert.All(all, o => Assert.Equal(Encoding.UTF8.GetByteCount(o.Path.Value[(_home.Value.Length + 1)..]), o.Length));
        Assert.Equal(await Store.GetInfoAsync(At("a0.txt"), Cancel), all.Single(o => o.Path == At("a0.txt")));

        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[(i + 1)..], (await ListAsync(_home, LakePath.Parse(expected[i]))).Select(o => o.Path.Value));
        Assert.Equal(expected.Where(p => string.CompareOrdinal(p, At("a/1").Value) > 0), (await ListAsync(_home, At("a/1"))).Select(o => o.Path.Value));
        Assert.Equal(["a/1.txt", "a/10.txt", "a/2/x.txt"], (await ListAsync(At("a"), null)).Select(o => o.Path.Value[(_home.Value.Length + 1)..]));
        Assert.Empty(await ListAsync(At("absent"), null));
        Assert.Empty(await ListAsync(At("B.txt"), null));
    }

    [Fact]
    public async Task A_delete_heeds_its_condition()
    {
        var path = At("deleted.txt");
        Assert.False(await Store.TryDeleteAsync(path, null, Cancel));
        var first = await PutAsync(path, "1");
        var second = await PutAsync(path, "2");
        Assert.False(await Store.TryDeleteAsync(path, first!.ETag, Cancel));
        Assert.Equal("2", await ReadAsync(path));
        Assert.True(await Store.TryDeleteAsync(path, second!.ETag, Cancel));
        Assert.Null(await Store.GetInfoAsync(path, Cancel));
        Assert.False(await Store.TryDeleteAsync(path, second.ETag, Cancel));
        Assert.NotNull(await Store.TryPutAsync(path, "3"u8.ToArray(), PutCondition.IfAbsent, null, Cancel));
    }

    [Theory]
    [InlineData("plus+percent%20and#hash?.txt")]
    [InlineData("ünï/cödé 😀.txt")]
    [InlineData("k=v/k2=a%2Fb/part-0.parquet")]
    [InlineData("..hidden/...x")]
    [InlineData("%2e%2e/x")]
    public async Task Odd_names_are_taken_as_they_are(string name)
    {
        await PutAsync(At(name), name);
        Assert.Equal(name, await ReadAsync(At(name)));
        Assert.Equal(At(name), Assert.Single(await ListAsync(_home, null)).Path);
    }

    [Fact]
    public async Task The_content_type_of_an_object_without_one_follows_its_name()
    {
        Assert.Equal("application/json", (await PutAsync(At("x.json"), "{}"))!.ContentType);
        Assert.Equal("application/json", (await Store.GetInfoAsync(At("x.json"), Cancel))!.ContentType);
        Assert.Equal("application/octet-stream", (await WriteAsync(At("y"), [1], PutCondition.None))!.ContentType);
        Assert.Equal("application/octet-stream", (await Store.GetInfoAsync(At("y"), Cancel))!.ContentType);
    }

    [Fact]
    public async Task A_cancelled_call_throws_and_writes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.TryPutAsync(At("x"), "1"u8.ToArray(), PutCondition.IfAbsent, null, cancelled.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetInfoAsync(At("x"), cancelled.Token));
        Assert.Null(await Store.GetInfoAsync(At("x"), Cancel));
    }

    protected LakePath At(string relative) => _home.Append(relative);

    protected Task<ObjectInfo?> PutAsync(LakePath path, string content) =>
        Store.TryPutAsync(path, Encoding.UTF8.GetBytes(content), PutCondition.None, null, Cancel);

    protected async Task<ObjectInfo?> WriteAsync(LakePath path, byte[] content, PutCondition condition)
    {
        await using var stream = await Store.OpenWriteAsync(path, condition, null, Cancel);
        await stream.WriteAsync(content, Cancel);
        return await stream.CompleteAsync(Cancel);
    }

    protected async Task<string> ReadAsync(LakePath path, ByteRange? range = null)
    {
        await using var stream = await Store.OpenReadAsync(path, range, Cancel);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancel);
    }

    protected async Task<List<ObjectInfo>> ListAsync(LakePath prefix, LakePath? after)
    {
        var found = new List<ObjectInfo>();
        await foreach (var info in Store.ListAsync(prefix, after, Cancel))
            found.Add(info);
        return found;
    }

    private async Task<byte[]> HashAsync(LakePath path)
    {
        await using var stream = await Store.OpenReadAsync(path, null, Cancel);
        return await SHA256.HashDataAsync(stream, Cancel);
    }
}
