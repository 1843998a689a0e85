using System.Text.Json;
using DataPlatform.Files;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using DataPlatform.Operations;
using DataPlatform.TestKit;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Platform.Tests.Files;

/// <summary>Random trees whose names are prefixes of one another: a folder is what lies below its slash, and nothing else.</summary>
public sealed class FolderPropertyTests
{
    private static readonly string[] Names = ["a", "a-", "a.b", "a b", "aa", "ä", "A", "0", "~"];

    [Fact]
    public void A_folder_changes_exactly_what_lies_below_it()
    {
        var trees =
            from paths in Gen.Choose(1, 3).SelectMany(depth => Gen.Elements(Names).ArrayOf(depth)).Select(parts => string.Join('/', parts)).NonEmptyListOf()
            from folder in Gen.Choose(1, 2).SelectMany(depth => Gen.Elements(Names).ArrayOf(depth)).Select(parts => string.Join('/', parts))
            from kind in Gen.Elements(LakeOperationKind.Copy, LakeOperationKind.Move, LakeOperationKind.Delete)
            select (Paths: paths.Distinct().ToList(), Folder: folder, Kind: kind);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(60),
            Prop.ForAll(trees.ToArbitrary(), tree => HoldsAsync(tree.Paths, tree.Folder, tree.Kind).GetAwaiter().GetResult()));
    }

    private static async Task<bool> HoldsAsync(List<string> paths, string folder, LakeOperationKind kind)
    {
        using var store = new TestStore();

        // On a folder, a name is an object or a folder.
        paths = [.. paths.Where(path => !paths.Any(other => other.StartsWith(path + "/", StringComparison.Ordinal)))];
        foreach (var path in paths)
            await store.Objects.TryPutAsync(LakeAddress.Locate("files/s/" + path), "x"u8.ToArray(), PutCondition.None, null, CancellationToken.None);
        var below = paths.Where(path => path.StartsWith(folder + "/", StringComparison.Ordinal)).ToList();

        var operations = new OperationStore<LakeOperation>(store.Rows, LakeOperation.RowTable, TimeProvider.System);
        var transfers = new LakeTransfers(store.Objects, new FlatDirectories(), operations);
        var context = new DefaultHttpContext();
        Caller.Set(context, new Caller("k", ["admin"]));
        try
        {
            var change = kind == LakeOperationKind.Delete
                ? await transfers.DeleteFolderAsync(context.Request, $"files/s/{folder}/", CancellationToken.None)
                : await transfers.PostAsync(
                    context.Request,
                    "files/t/",
                    JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { [kind == LakeOperationKind.Copy ? "copyFrom" : "moveFrom"] = $"files/s/{folder}/" }),
                    CancellationToken.None);
            await new FolderWork(store.Objects, operations, TimeProvider.System) { BatchObjects = 2 }.WorkAsync(change.Operation!.Id, CancellationToken.None);
        }
        catch (Failures.TerminalException failure) when (failure.Code == "FolderNotFound")
        {
            return below.Count == 0;
        }

        var expected = paths.Where(path => kind == LakeOperationKind.Copy || !below.Contains(path)).Select(path => "files/s/" + path)
            .Concat(kind == LakeOperationKind.Delete ? [] : below.Select(path => "files/t/" + path[(folder.Length + 1)..]));
        var actual = new List<string>();
        await foreach (var info in store.Objects.ListAsync(LakePath.Parse("lake/files"), null, CancellationToken.None))
            actual.Add(LakeAddress.Of(info.Path));
        return below.Count > 0 && expected.Order(StringComparer.Ordinal).SequenceEqual(actual);
    }
}
