using DataPlatform.Files;
using DataPlatform.Lake;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Files;

public sealed class RangeHeaderTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=1-2,3-4")]
    [InlineData("bytes=2-1")]
    [InlineData("bytes=1-2-3")]
    [InlineData("lines=1-2")]
    public void What_is_no_single_range_is_passed_over(string? header)
    {
        Assert.Null(RangeHeader.Parse(header, 10, out var satisfiable));
        Assert.True(satisfiable);
    }

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("BYTES= 2-99999999999999999999999", 2, 8)]
    [InlineData("bytes=-99999999999999999999999", 0, 10)]
    [InlineData("bytes=9-", 9, 1)]
    public void A_range_is_cut_to_the_object(string header, long offset, long length)
    {
        Assert.Equal(new ByteRange(offset, length), RangeHeader.Parse(header, 10, out var satisfiable));
        Assert.True(satisfiable);
    }

    [Theory]
    [InlineData("bytes=10-", 10)]
    [InlineData("bytes=99999999999999999999999-", 10)]
    [InlineData("bytes=-0", 10)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=-0", 0)]
    public void A_range_without_bytes_is_told(string header, long length)
    {
        RangeHeader.Parse(header, length, out var satisfiable);
        Assert.False(satisfiable);
    }

    [Fact]
    public void Whatever_is_asked_for_lies_in_the_object() =>
        Prop.ForAll<NonNull<string>, (NonNegativeInt A, NonNegativeInt B), NonNegativeInt>((text, ends, length) => LiesInside(text, ends.A, ends.B, length)).QuickCheckThrowOnFailure();

    private static bool LiesInside(NonNull<string> text, NonNegativeInt a, NonNegativeInt b, NonNegativeInt length)
    {
        foreach (var header in (string[])["bytes=" + text.Item, $"bytes={a.Item}-{b.Item}", $"bytes={a.Item}-", $"bytes=-{b.Item}"])
        {
            if (RangeHeader.Parse(header, length.Item, out var satisfiable) is { } range && satisfiable
                && (range.Offset < 0 || range.Length is not > 0 || range.Offset + range.Length > length.Item))
            {
                return false;
            }
        }

        return true;
    }
}
