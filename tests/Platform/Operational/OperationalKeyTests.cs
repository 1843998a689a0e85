using DataPlatform.Failures;
using DataPlatform.Lake;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Operational;

public sealed class OperationalKeyTests
{
    public static TheoryData<string, string> Forms => new()
    {
        { "", "~" },
        { "a-B_9:@=+.x", "a-B_9:@=+.x" },
        { ".", "~2E" },
        { "..", "~2E." },
        { "a/b%c#d?e,f~g", "a~2Fb~25c~23d~3Fe~2Cf~7Eg" },
        { "\0\u001f\u007f\u0085", "~00~1F~7F~C2~85" },
        { "ü😀 ", "~C3~BC~F0~9F~98~80~20" },
        { "\\", "~5C" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_key_has_one_address_and_an_address_one_key(string text, string path)
    {
        Assert.Equal(path, OperationalKey.Of([text]).Path);
        Assert.Equal([text], OperationalKey.Parse(path, 1));
    }

    [Fact]
    public void Any_texts_come_back_from_their_address() => Prop.ForAll(ArbMap.Default.ArbFor<string[]>(), texts =>
    {
        var whole = texts.Select(text => text ?? "").Where(text => WellFormed.Check(text)).Append("x").ToList();
        var key = OperationalKey.Of(whole);
        Assert.Equal(whole, OperationalKey.Parse(key.Path, whole.Count));
        Assert.True(key.Path.All(c => c is > ' ' and < '\u007f' and not ('/' or '\\' or '#' or '?' or '%')));
        RowLimits.CheckKey(key.RowKeyIn("dataset"));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_a_client_sends_without_need_for_escapes_is_taken()
    {
        Assert.Equal(["a,b c/ü"], OperationalKey.Parse("a,b c%2Fü", 1));
        Assert.Equal(["100%"], OperationalKey.Parse("100%", 1));
        Assert.Equal(["%2F"], OperationalKey.Parse("~252F", 1));
        Assert.Equal(["a", "", "b"], OperationalKey.Parse("a,~,b", 3));
        Assert.Equal(["a", ""], OperationalKey.Parse("a,", 2));
    }

    [Theory]
    [InlineData("a~", 1)]
    [InlineData("~~", 1)]
    [InlineData("~G0", 1)]
    [InlineData("~FF", 1)]
    [InlineData("~C3", 1)]
    [InlineData("a", 2)]
    [InlineData("a,b,c", 2)]
    public void What_is_no_address_of_a_key_is_told(string path, int fields) =>
        Assert.Equal("InvalidKey", Assert.Throws<TerminalException>(() => OperationalKey.Parse(path, fields)).Code);

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_key() => Assert.Throws<TerminalException>(() => OperationalKey.Parse("a\ud800", 1));

    [Fact]
    public void Long_keys_differ_when_their_ends_do_and_keep_their_start()
    {
        var start = new string('k', 5000);
        var (one, two) = (OperationalKey.Of([start + "1"]), OperationalKey.Of([start + "2"]));
        Assert.NotEqual(one.Id, two.Id);
        Assert.StartsWith(start[..400], one.Id, StringComparison.Ordinal);
        Assert.InRange(one.Id.Length, 1, RowLimits.MaxKeyLength);
    }

    [Fact]
    public void Keys_are_spread_over_all_partitions()
    {
        var counts = Enumerable.Range(0, 6400).CountBy(i => OperationalKey.Of([$"customer-{i}"]).Partition).ToList();
        Assert.Equal(OperationalKey.Partitions, counts.Count);
        Assert.All(counts, count => Assert.InRange(count.Value, 50, 160));
    }
}
