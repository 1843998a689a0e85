namespace DataPlatform.Platform.Tests;

/// <summary>Alone, since all pools together keep so much only, and other tests give arrays back too.</summary>
[Collection(Ingestion.MemoryCollection.Name)]
public sealed class LargeArraysTests
{
    private const int Length = 1 << 16;

    [Fact]
    public void An_array_given_back_by_one_thread_is_the_next_that_another_gets()
    {
        var pool = LargeArrays.Of<OneThing>();
        var array = pool.Rent(Length - 10);
        Assert.Equal(Length, array.Length);

        var giver = new Thread(() => pool.Return(array));
        giver.Start();
        giver.Join();

        Assert.Same(array, pool.Rent(Length));
        Assert.NotSame(array, pool.Rent(Length));
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        var pool = LargeArrays.Of<AnotherThing>();
        var many = Enumerable.Range(0, 100).Select(_ => pool.Rent(Length)).ToArray();
        Assert.True(many.Sum(array => array.Length * 16L) > LargeArrays.MostKeptBytes);

        foreach (var array in many)
            pool.Return(array);

        Assert.InRange(LargeArrays.KeptBytes, 1, LargeArrays.MostKeptBytes);
        HashSet<AnotherThing[]> given = [.. many];
        var again = 0;
        while (given.Contains(pool.Rent(Length)))
            again++;
        Assert.InRange(again, 1, LargeArrays.MostKeptBytes / (Length * 16L));
    }

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

    private readonly record struct OneThing(long First, long Second);

    private readonly record struct AnotherThing(long First, long Second);

    private readonly record struct OddThing(long First, long Second);
}
