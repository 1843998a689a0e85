using DataPlatform.Operations;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Operations;

public sealed class BatchIdTests
{
    [Fact]
    public void Ids_sort_by_their_time_and_tell_it() => FsCheck.Check.QuickThrowOnFailure(Prop.ForAll<uint, uint>((milliseconds, more) =>
    {
        var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMilliseconds(milliseconds);
        var later = time.AddMilliseconds(1L + more);
        var (id, next) = (BatchId.Create("things", time), BatchId.Create("things", later));
        return BatchId.TimeOf(id) == time
            && string.CompareOrdinal(id, next) < 0
            && string.CompareOrdinal(BatchId.LowestAt("things", time), id) < 0
            && string.CompareOrdinal(BatchId.LowestAt("things", later), id) > 0;
    }));

    [Theory]
    [InlineData("things-019a00000000", true)]
    [InlineData("things-019a00000000700080000123456789ab", true)]
    [InlineData("things-019a0000000g", false)]
    [InlineData("things-", false)]
    [InlineData("other-019a00000000", false)]
    [InlineData("things", false)]
    public void A_cursor_is_a_place_among_the_ids(string text, bool expected) => Assert.Equal(expected, BatchId.IsPlace("things", text));
}
