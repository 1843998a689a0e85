namespace DataPlatform.Platform.Tests;

public sealed class LargeArraysTests
{
    private const int Length = 1 << 16;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(100_000)]
    public void An_array_has_room_for_what_was_asked_for(int length)
    {
        var array = LargeArrays.Of<long>().Rent(length);

        Assert.True(array.Length >= length);
        LargeArrays.Of<long>().Return(array);
    }

    [Fact]
    public void An_array_from_elsewhere_is_not_kept_where_it_would_be_too_short()
    {
        var pool = LargeArrays.Of<OddThing>();
        pool.Return(new OddThing[Length - 1]);

        Assert.True(pool.Rent(Length).Length >= Length);
    }

    private readonly record struct OddThing(long First, long Second);
}
