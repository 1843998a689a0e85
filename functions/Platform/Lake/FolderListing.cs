namespace DataPlatform.Lake;

/// <summary>Files below a folder in ordinal order of their whole paths, reading one folder at a time.</summary>
internal static class FolderListing
{
    /// <param name="path">The lake path of <paramref name="folder"/>.</param>
    /// <param name="after">Paths up to and including this one are left out, and their folders not read.</param>
    public static IEnumerable<(string Path, FileInfo File)> Walk(string path, string folder, string? after)
    {
        foreach (var (entryPath, entry) in Entries(path, folder))
        {
            if (entry is FileInfo file)
            {
                if (after is null || string.CompareOrdinal(entryPath, after) > 0)
                    yield return (entryPath, file);
            }
            else if (after is null || string.CompareOrdinal(entryPath, after) > 0 || after.StartsWith(entryPath, StringComparison.Ordinal))
            {
                foreach (var below in Walk(entryPath[..^1], entry.FullName, after))
                    yield return below;
            }
        }
    }

    // A folder sorts as if its name ended with the slash, since that is what comes next in the paths below it.
    private static List<(string Path, FileSystemInfo Entry)> Entries(string path, string folder)
    {
        var entries = new List<(string Path, FileSystemInfo Entry)>();
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
                entries.Add(($"{path}/{entry.Name}{(entry is DirectoryInfo ? "/" : "")}", entry));
        }
        catch (DirectoryNotFoundException)
        {
            // It was not there when it was looked into; that somebody has made it since changes nothing.
            return [];
        }
        catch (IOException) when (!Directory.Exists(folder))
        {
            return [];
        }

        entries.Sort(static (a, b) => string.CompareOrdinal(a.Path, b.Path));
        return entries;
    }
}
