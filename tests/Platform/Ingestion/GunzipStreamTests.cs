using System.IO.Compression;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion;

public sealed class GunzipStreamTests
{
    private static readonly byte[] EmptyMember = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Members_of_any_size_in_pieces_of_any_size_unfold_whole(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 25; round++)
        {
            var content = new MemoryStream();
            var body = new MemoryStream();
            for (var members = random.Next(1, 5); members > 0; members--)
            {
                var part = new byte[random.Next(5) switch { 0 => 0, 1 => random.Next(10), 2 => random.Next(70_000, 140_000), _ => random.Next(3000) }];
                if (random.Next(2) == 0)
                    random.NextBytes(part);
                content.Write(part);
                body.Write(part.Length == 0 ? EmptyMember : BatchBed.Gzip(part));
            }

            Assert.Equal(content.ToArray(), await UnfoldAsync(body.ToArray(), random.Next(1, 10_000)));
        }
    }

    [Fact]
    public async Task A_body_cut_off_anywhere_or_with_something_behind_is_refused()
    {
        var random = new Random(3);
        var part = new byte[700];
        random.NextBytes(part.AsSpan(0, 350));
        var one = BatchBed.Gzip(part);
        byte[] body = [.. one, .. BatchBed.Gzip("second"u8.ToArray())];
        for (var length = 0; length < body.Length; length++)
        {
            if (length != one.Length)
                await Assert.ThrowsAsync<TerminalException>(() => UnfoldAsync(body[..length], 64));
        }

        foreach (var tail in new byte[][] { [0], [0x1F], [0x1F, 0x8B], [0x1F, 0x8B, 8], [.. "more"u8] })
            await Assert.ThrowsAsync<TerminalException>(() => UnfoldAsync([.. body, .. tail], 100));
        for (var i = 0; i < one.Length; i += 3)
        {
            var damaged = one.ToArray();
            damaged[i] ^= 0x55;
            if (i is < 4 or > 9)
                await Assert.ThrowsAsync<TerminalException>(() => UnfoldAsync(damaged, 100));
        }
    }

    private static async Task<byte[]> UnfoldAsync(byte[] body, int chunk)
    {
        await using var stream = new GunzipStream(new ChunkedStream(body, chunk), IngestionLimits.Default);
        using var target = new MemoryStream();
        await stream.CopyToAsync(target);
        return target.ToArray();
    }
}
