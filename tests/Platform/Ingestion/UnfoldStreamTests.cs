using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion;

public sealed class UnfoldStreamTests
{
    [Theory]
    [InlineData(BodyCompression.Gzip)]
    [InlineData(BodyCompression.Zstd)]
    [InlineData(BodyCompression.Brotli)]
    public async Task Content_of_any_size_in_pieces_of_any_size_unfolds_whole(BodyCompression compression)
    {
        var random = new Random(1);
        foreach (var size in new[] { 0, 1, 300, 70_000, 1_000_000 })
        {
            var content = new byte[size];
            random.NextBytes(content.AsSpan(0, size / 2));
            var body = Folding.Fold(compression, content);
            if (compression == BodyCompression.Gzip && size == 0)
                continue; // .NET writes nothing at all then
            foreach (var chunk in new[] { int.MaxValue, random.Next(1, 5000), 1 })
                Assert.Equal(content, await UnfoldAsync(compression, body, chunk));
        }
    }

    [Theory]
    [InlineData(BodyCompression.Gzip)]
    [InlineData(BodyCompression.Zstd)]
    [InlineData(BodyCompression.Brotli)]
    public async Task A_body_cut_off_anywhere_or_with_something_behind_is_refused(BodyCompression compression)
    {
        var content = new byte[900];
        new Random(2).NextBytes(content.AsSpan(0, 350));
        var body = Folding.Fold(compression, content);
        for (var length = 0; length < body.Length; length++)
            await RefusedAsync(compression, body[..length]);
        foreach (var tail in new byte[][] { [0], [0, 0, 0, 0], [.. "more"u8], [.. "more than a header of anything"u8], body[..5] })
            await RefusedAsync(compression, [.. body, .. tail]);
        await RefusedAsync(compression, "id,name\n1,2\n"u8.ToArray());
    }

    [Theory]
    [InlineData(BodyCompression.Gzip)]
    [InlineData(BodyCompression.Zstd)]
    public async Task Damage_anywhere_is_refused_where_there_is_a_checksum(BodyCompression compression)
    {
        var content = new byte[900];
        new Random(3).NextBytes(content.AsSpan(0, 350));
        var body = Folding.Fold(compression, content);
        for (var i = 0; i < body.Length; i++)
        {
            var damaged = body.ToArray();
            damaged[i] ^= 0x55;
            try
            {
                Assert.Equal(content, await UnfoldAsync(compression, damaged, 100)); // e.g. the time in a gzip header
            }
            catch (TerminalException failure)
            {
                Assert.Equal("UnreadableFile", failure.Code);
            }
        }
    }

    [Fact]
    public async Task Random_damage_to_brotli_ends_in_content_or_a_refusal()
    {
        var random = new Random(4);
        var content = new byte[5000];
        random.NextBytes(content.AsSpan(0, 2000));
        var body = Folding.Fold(BodyCompression.Brotli, content);
        for (var round = 0; round < 500; round++)
        {
            var damaged = body.ToArray();
            damaged[random.Next(body.Length)] ^= (byte)random.Next(1, 256);
            try
            {
                await UnfoldAsync(BodyCompression.Brotli, damaged, 100);
            }
            catch (TerminalException failure)
            {
                Assert.Contains(failure.Code, new[] { "UnreadableFile", "UnfoldsTooLarge" });
            }
        }
    }

    [Fact]
    public async Task Frames_of_zstd_follow_one_another()
    {
        byte[] skipped = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        byte[] body = [.. skipped, .. Folding.Zstd("one "u8.ToArray(), 1), .. Folding.Zstd([], 1), .. skipped, .. Folding.Zstd("two"u8.ToArray(), 19)];
        foreach (var chunk in new[] { int.MaxValue, 1, 7 })
            Assert.Equal("one two"u8.ToArray(), await UnfoldAsync(BodyCompression.Zstd, body, chunk));
    }

    [Fact]
    public async Task A_zstd_window_of_more_than_8_MiB_is_refused_and_the_fix_told()
    {
        var content = new byte[100];
        Assert.Equal(content, await UnfoldAsync(BodyCompression.Zstd, Folding.Zstd(content, 3, windowLog: 23), 100));
        var failure = await RefusedAsync(BodyCompression.Zstd, Folding.Zstd(content, 3, windowLog: 27));
        Assert.Contains("--long", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BodyCompression.Gzip)]
    [InlineData(BodyCompression.Zstd)]
    [InlineData(BodyCompression.Brotli)]
    public async Task Bombs_are_stopped_by_size_and_by_ratio(BodyCompression compression)
    {
        var body = Folding.Fold(compression, new byte[80 << 20]);
        var bySize = await Assert.ThrowsAsync<TerminalException>(
            () => UnfoldAsync(compression, body, int.MaxValue, IngestionLimits.Default with { MaxUnfoldedBytes = 1 << 20 }));
        var byRatio = await Assert.ThrowsAsync<TerminalException>(
            () => UnfoldAsync(compression, body, int.MaxValue, IngestionLimits.Default with { MaxUnfoldRatio = 100 }));
        Assert.Equal((FailureKind.TooLarge, FailureKind.TooLarge, "UnfoldsTooLarge"), (bySize.Kind, byRatio.Kind, byRatio.Code));
    }

    private static async Task<TerminalException> RefusedAsync(BodyCompression compression, byte[] body)
    {
        var failure = await Assert.ThrowsAsync<TerminalException>(() => UnfoldAsync(compression, body, 64));
        Assert.Equal((FailureKind.Invalid, "UnreadableFile"), (failure.Kind, failure.Code));
        return failure;
    }

    private static async Task<byte[]> UnfoldAsync(BodyCompression compression, byte[] body, int chunk, IngestionLimits? limits = null)
    {
        await using var stream = Folding.Unfold(compression, new ChunkedStream(body, chunk), limits ?? IngestionLimits.Default);
        using var target = new MemoryStream();
        await stream.CopyToAsync(target);
        return target.ToArray();
    }
}
