using DataPlatform.Failures;
using DataPlatform.Lake;
using DataPlatform.TestKit;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Lake;

public sealed class LakePathTests
{
    // Made of what attacks are made of, among enough plain names that many of them parse.
    private static readonly Gen<string> WildSegments = Gen.Frequency(
        (8, Gen.Elements("a", "b.txt", "%2e%2e", "%2f", "..%2f", "~", "C:", "é", "😀", ".tmp", ".locks", "..x", "a..b", "-", "?", "#", "a b")),
        (1, Gen.Elements("", ".", "..", "...", " ", "\\", "..\\..", "\0", "\n", "\ud83d", "x.", " x")));

    private static readonly Arbitrary<string> WildPaths = WildSegments.ListOf()
        .SelectMany(static segments => Gen.Elements("lake/", "warehouse/", "lake/../", "", "/", ".tmp/", "../")
            .Select(start => start + string.Join('/', segments)))
        .ToArbitrary();

    [Fact]
    public void What_parses_stays_below_the_root_folder()
    {
        using var store = new TestStore();
        var root = Path.Combine(store.Folder, "objects") + Path.DirectorySeparatorChar;
        var parsed = 0;
        Prop.ForAll(WildPaths, text =>
        {
            if (!LakePath.TryParse(text, out var path))
                return true;
            parsed++;
            var file = store.Objects.TryGetLocalFile(path)!;
            return Path.GetFullPath(file) == file
                && file.StartsWith(root, StringComparison.Ordinal)
                && file[root.Length..].Replace(Path.DirectorySeparatorChar, '/') == text
                && !file[root.Length..].StartsWith('.');
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
        Assert.InRange(parsed, 200, 5000);
    }

    [Fact]
    public void What_parses_names_the_same_blob_of_the_same_container()
    {
        var blobs = new BlobObjectStore(new StorageAccount(StorageAddress.Parse("UseDevelopmentStorage=true")));
        Prop.ForAll(WildPaths, text =>
        {
            if (!LakePath.TryParse(text, out var path))
                return true;
            var blob = blobs.BlobOf(path);
            var prefix = $"/devstoreaccount1/{path.Container}/";
            return blob.BlobContainerName == path.Container
                && blob.Name == path.Name
                && blob.Uri.AbsolutePath.StartsWith(prefix, StringComparison.Ordinal)
                && Uri.UnescapeDataString(blob.Uri.AbsolutePath[prefix.Length..]) == path.Name;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Fact]
    public void Any_text_parses_to_itself_or_not_at_all() =>
        Prop.ForAll<string>(static text => !LakePath.TryParse(text, out var path) || path.Value == text).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Theory]
    [InlineData("lake", "container and a name")]
    [InlineData("", "container and a name")]
    [InlineData("lake/", "empty segment")]
    [InlineData("/lake/x", "container")]
    [InlineData("lake//x", "empty segment")]
    [InlineData("lake/../x", "segment '..'")]
    [InlineData("lake/./x", "segment '.'")]
    [InlineData("lake/x./y", "ends with a dot")]
    [InlineData("lake/ x", "space at its edge")]
    [InlineData("lake/x ", "space at its edge")]
    [InlineData("lake/a\\b", "backslash")]
    [InlineData("lake/a\tb", "control character")]
    [InlineData("Lake/x", "container")]
    [InlineData("..lake/x", "container")]
    [InlineData("la/x", "container")]
    [InlineData("la--ke/x", "container")]
    [InlineData("lake-/x", "container")]
    public void An_unusable_path_is_refused_with_the_reason(string text, string reason)
    {
        var failure = Assert.Throws<TerminalException>(() => LakePath.Parse(text));
        Assert.Equal(("InvalidPath", FailureKind.Invalid), (failure.Code, failure.Kind));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.False(LakePath.TryParse(text, out _));
    }

    [Fact]
    public void Sizes_are_bounded()
    {
        var segment = new string('x', LakePath.MaxSegmentBytes);
        Assert.Equal($"lake/{segment}", LakePath.Parse($"lake/{segment}").Value);
        Assert.False(LakePath.TryParse($"lake/{segment}x", out _));
        Assert.False(LakePath.TryParse($"lake/{new string('é', 128)}", out _));
        Assert.False(LakePath.TryParse("lake/half\ud83d", out _));
        Assert.True(LakePath.TryParse("lake" + string.Concat(Enumerable.Repeat("/x", LakePath.MaxSegments - 1)), out _));
        Assert.False(LakePath.TryParse("lake" + string.Concat(Enumerable.Repeat("/x", LakePath.MaxSegments)), out _));
        Assert.False(LakePath.TryParse("lake" + string.Concat(Enumerable.Repeat("/" + segment[..200], 5)), out _));
    }

    [Fact]
    public void The_parts_of_a_path_are_told()
    {
        var path = LakePath.Parse("warehouse/fact_flights/part-0.parquet");
        Assert.Equal(("warehouse", "fact_flights/part-0.parquet", "part-0.parquet"), (path.Container, path.Name, path.FileName));
        Assert.Equal("warehouse/a/b/c", LakePath.Parse("warehouse/a").Append("b/c").Value);
        Assert.Throws<TerminalException>(() => path.Append("../x"));
        Assert.Throws<InvalidOperationException>(() => default(LakePath).Value);
        Assert.Equal("", default(LakePath).ToString());
    }
}
