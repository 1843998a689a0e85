using FsCheck.Fluent;

namespace DataPlatform.Ingestion.Quarantine;

public sealed class RowSetTests
{
    [Fact]
    public void A_set_holds_what_was_added_and_survives_its_text()
    {
        foreach (var numbers in Gen.Choose(1, 60).ArrayOf().Sample(20, 200))
        {
            var rows = numbers.Select(number => (long)number).ToHashSet();
            var set = new RowSet();
            foreach (var row in rows.Order())
                set.Add(row);
            var read = set.IsEmpty ? set : RowSet.Parse(set.ToString());

            Assert.Equal((rows.Count, rows.Count), (set.Count, read.Count));
            Assert.All(Enumerable.Range(0, 63), row => Assert.Equal(rows.Contains(row), read.Contains(row)));
        }
    }

    [Fact]
    public void Ranges_are_short()
    {
        var set = new RowSet();
        foreach (var row in (long[])[1, 2, 3, 7, 9, 10])
            set.Add(row);

        Assert.Equal("1-3,7,9-10", set.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(10));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3-1")]
    [InlineData("1-3,3")]
    [InlineData("a")]
    [InlineData("-1")]
    public void What_is_no_list_of_ranges_is_refused(string text) => Assert.Throws<FormatException>(() => RowSet.Parse(text));
}
