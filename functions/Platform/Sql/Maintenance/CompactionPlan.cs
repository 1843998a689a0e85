using System.Globalization;
using DataPlatform.Tables;

namespace DataPlatform.Sql.Maintenance;

/// <summary>Chooses which files are rewritten together: those of one partition, in the order they came, until a bin is full.</summary>
internal static class CompactionPlan
{
    /// <summary>The tag of files whose rows are sorted: the columns, with commas.</summary>
    public const string SortedBy = "sortedBy";

    // Who carries keys on holds those of a bin in memory, 24 bytes each.
    private const long MostRows = 5_000_000;
    private const int MostFiles = 1_000;

    public static IReadOnlyList<CompactionBin> Of(Snapshot snapshot, CompactionOptions options)
    {
        var sort = string.Join(',', options.SortBy);
        List<CompactionBin> bins = [];
        foreach (var partition in snapshot.Files.GroupBy(file => Partition(snapshot, file), StringComparer.Ordinal))
        {
            List<DataFile> bin = [];
            var (bytes, rows) = (0L, 0L);
            foreach (var file in partition.Where(file => file.Size < options.SmallBytes || !IsSorted(file, sort)))
            {
                if (bin.Count > 0 && (bytes + file.Size > options.TargetBytes || rows + (file.Statistics?.Rows ?? 0) > MostRows || bin.Count == MostFiles))
                    End();
                bin.Add(file);
                bytes += file.Size;
                rows += file.Statistics?.Rows ?? 0;
            }

            End();

            void End()
            {
                if (bin.Count > 1 || bin.Exists(file => !IsSorted(file, sort)))
                    bins.Add(new CompactionBin([.. bin]));
                bin.Clear();
                (bytes, rows) = (0, 0);
            }
        }

        return bins;
    }

    private static bool IsSorted(DataFile file, string sort) => sort.Length == 0 || file.Tags?.GetValueOrDefault(SortedBy) == sort;

    private static string Partition(Snapshot snapshot, DataFile file) => string.Concat(snapshot.PartitionColumns.Select(column =>
        file.PartitionValues.GetValueOrDefault(column) is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value.Length}:{value}") : "-"));
}
