using DataPlatform.Failures;
using DataPlatform.Files;
using FsCheck;
using FsCheck.Fluent;

namespace DataPlatform.Platform.Tests.Files;

public sealed class LakeAddressTests
{
    private static readonly string[] Roots = ["lake/files/", "lake/raw/", "lake/quarantine/", "lake/tables/", "warehouse/", "marts/"];

    [Theory]
    [InlineData("files/a/b.csv", "lake/files/a/b.csv")]
    [InlineData("raw/flights/2026/01/01/b/body", "lake/raw/flights/2026/01/01/b/body")]
    [InlineData("tables/flights/_delta_log/0.json", "lake/tables/flights/_delta_log/0.json")]
    [InlineData("warehouse/facts/part.parquet", "warehouse/facts/part.parquet")]
    [InlineData("marts/sales/part.parquet", "marts/sales/part.parquet")]
    public void A_path_leads_to_its_zone_and_back(string path, string location)
    {
        Assert.Equal(location, LakeAddress.Locate(path).Value);
        Assert.Equal(path, LakeAddress.Of(LakeAddress.Locate(path)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("catalog/dataset/a.json")]
    [InlineData("lake/files/a")]
    [InlineData("uploads/a")]
    [InlineData("/files/a")]
    [InlineData("files/../raw/a")]
    [InlineData("files/./a")]
    [InlineData("files/a%2fb")]
    [InlineData("warehouse")]
    public void Other_paths_lead_nowhere(string path) => Assert.Throws<TerminalException>(() => LakeAddress.Locate(path));

    [Theory]
    [InlineData("raw/a")]
    [InlineData("files")]
    [InlineData("filesystem/a")]
    public void Only_files_are_written(string path) =>
        Assert.Equal("ZoneReadOnly", Assert.Throws<TerminalException>(() => LakeAddress.LocateFile(path)).Code);

    [Theory]
    [InlineData("", "read:lake/*")]
    [InlineData("files/a", "read:lake/files/a")]
    [InlineData("files/", "read:lake/files/*")]
    [InlineData("tables/flights/", "read:lake/tables/flights/*")]
    [InlineData("raw/flights/2026/", "read:raw/flights/2026/*")]
    [InlineData("quarantine/", "read:quarantine/*")]
    [InlineData("rawhide/a", "read:lake/rawhide/a")]
    public void What_was_not_checked_has_scopes_of_its_own(string path, string scope) => Assert.Equal(scope, LakeAddress.ReadScope(path));

    /// <summary>Whatever is written behind a zone: it is refused, or leads to a path below the zone, without dot segments, and back.</summary>
    [Fact]
    public void No_path_leaves_its_zone() =>
        Prop.ForAll<NonEmptyArray<int>>(StaysInside).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static bool StaysInside(NonEmptyArray<int> picks)
    {
        string[] pieces = ["..", ".", "/", "a", "%2e", "%2F", "\\", "catalog", "lake", " ", "\0", "ü", "%", "?", "#", ":", "files", "//"];
        var tail = string.Concat(picks.Item.Select(pick => pieces[Math.Abs(pick % pieces.Length)]));
        foreach (var zone in LakeAddress.Zones)
        {
            try
            {
                var location = LakeAddress.Locate($"{zone}/{tail}");
                if (!Roots.Any(root => location.Value == root + tail) || location.Value.Split('/').Any(segment => segment is "" or "." or ".."))
                    return false;
                if (LakeAddress.Of(location) != $"{zone}/{tail}")
                    return false;
            }
            catch (TerminalException)
            {
                // Refused.
            }
        }

        return true;
    }
}
