using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>Lists what lies below a folder, in ordinal order of paths: all objects, or with <c>delimiter=/</c> one level with its folders.</summary>
public sealed class LakeLister(IObjectStore objects, Links links)
{
    public const int DefaultTop = 100;
    public const int MaxTop = 1000;

    private const string Cursor = "after";

    /// <summary>Sorts behind all names.</summary>
    private const string Last = "\uffff";

    /// <param name="path">Ends with a slash, or is empty for the list of zones.</param>
    /// <exception cref="TerminalException">400, 404.</exception>
    public async Task<IResult> ListAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        var options = new QueryOptions(request, "top", Cursor, "delimiter");
        var top = (int)(options.Number("top", 1, MaxTop) ?? DefaultTop);
        var oneLevel = options.Text("delimiter") switch
        {
            null => false,
            "/" => true,
            _ => throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", "The query option 'delimiter' can only be '/'.", "delimiter"),
        };
        if (path.Length == 0)
            return links.List<LakeEntry>(request, [.. LakeAddress.Zones.Select(zone => new LakeEntry(zone + "/"))], Cursor, null);

        var after = options.Text(Cursor);
        if (after is not null && !after.StartsWith(path, StringComparison.Ordinal))
            throw new TerminalException(FailureKind.Invalid, "InvalidQueryOption", $"The query option '{Cursor}' is a path below '{path}', as a page before had it.", Cursor);

        var entries = new List<LakeEntry>();
        await foreach (var entry in ReadAsync(Folder(path), path, after, oneLevel, cancellationToken))
        {
            if (entries.Count == top)
                return links.List(request, entries, Cursor, entries[^1].Path);
            entries.Add(entry);
        }

        return links.List(request, entries, Cursor, null);
    }

    private static LakePath Folder(string path) => path is "warehouse/" or "marts/"
        ? throw new TerminalException(
            FailureKind.Invalid, "InvalidPath", $"Below '{path}' every table has a folder: name one. GET /api/v1/warehouse/tables lists them.", "path")
        : LakeAddress.Locate(path[..^1]);

    private async IAsyncEnumerable<LakeEntry> ReadAsync(
        LakePath folder, string path, string? after, bool oneLevel, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = after;
        await foreach (var info in objects.ListAsync(folder, Start(after), cancellationToken))
        {
            var address = LakeAddress.Of(info.Path);
            if (oneLevel && address.IndexOf('/', path.Length) is >= 0 and var end)
            {
                var below = address[..(end + 1)];
                if (below != last)
                    yield return new LakeEntry(below);
                last = below;
            }
            else
            {
                yield return LakeEntry.Of(info);
            }
        }
    }

    /// <summary>Where the store goes on: behind an object, or behind all that lies in a folder.</summary>
    private static LakePath? Start(string? after)
    {
        if (after is null)
            return null;
        var location = LakeAddress.Locate(after.TrimEnd('/'));
        return !after.EndsWith('/') ? location
            : LakePath.TryParse($"{location}/{Last}", out var behind) ? behind
            : location;
    }
}
