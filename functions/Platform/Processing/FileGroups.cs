using DataPlatform.Tables;

namespace DataPlatform.Processing;

/// <summary>Divides files among activities.</summary>
internal static class FileGroups
{
    public const int MaxGroups = 1000;

    /// <summary>Small enough for an activity's share of memory and disk (the result is of about this size too).</summary>
    public const long GroupBytes = 128L << 20;

    public const long GroupRows = 4_000_000;

    /// <summary>Groups of neighbouring files, each up to the limits or a single file, at most <see cref="MaxGroups"/>.</summary>
    public static IReadOnlyList<IReadOnlyList<DataFile>> Of(IReadOnlyList<DataFile> files)
    {
        var bytes = Math.Max(GroupBytes, Share(files.Sum(file => file.Size)));
        var rows = Math.Max(GroupRows, Share(files.Sum(Rows)));
        while (true)
        {
            var groups = Pack(files, bytes, rows);
            if (groups.Count <= MaxGroups)
                return groups;
            bytes += bytes / 4;
            rows += rows / 4;
        }
    }

    private static List<List<DataFile>> Pack(IReadOnlyList<DataFile> files, long maxBytes, long maxRows)
    {
        List<List<DataFile>> groups = [];
        long bytes = 0, rows = 0;
        foreach (var file in files)
        {
            if (groups.Count == 0 || bytes + file.Size > maxBytes || rows + Rows(file) > maxRows)
            {
                groups.Add([]);
                bytes = rows = 0;
            }

            groups[^1].Add(file);
            bytes += file.Size;
            rows += Rows(file);
        }

        return groups;
    }

    private static long Share(long total) => (total + MaxGroups - 1) / MaxGroups;

    private static long Rows(DataFile file) => file.Statistics?.Rows ?? 0;
}
