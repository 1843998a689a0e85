namespace DataPlatform.Tables;

/// <summary>
/// Follows a table's files through its commits. At any time: rows now = rows at the beginning − rows of <see cref="Removed"/> + rows of
/// <see cref="Added"/>, each as often as it is there.
/// </summary>
/// <param name="known">The files at the beginning as far as they are known: what a log says of a file it removes may lack its size and statistics.</param>
internal sealed class SourceFiles(IEnumerable<DataFile> known)
{
    private readonly Dictionary<string, DataFile> _known = known.ToDictionary(file => DataFiles.Decode(file.Path), StringComparer.Ordinal);
    private readonly Dictionary<string, DataFile> _added = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DataFile> _removed = new(StringComparer.Ordinal);

    public IReadOnlyList<DataFile> Added => [.. _added.Values];

    public IReadOnlyList<DataFile> Removed => [.. _removed.Values];

    public void Apply(Commit commit)
    {
        // Rearranging rows that were there at the beginning changes nothing; of rows that came since, the new files are read instead of the old.
        if (commit.DataChange || commit.Removed.Any(file => _added.ContainsKey(DataFiles.Decode(file.Path))))
        {
            Move(commit.Removed, _added, _removed);
            Move(commit.Added, _removed, _added);
        }

        foreach (var file in commit.Added)
            _known[DataFiles.Decode(file.Path)] = file;
    }

    /// <summary>A file that comes back, as with a restore, takes its going back, and the other way round.</summary>
    private void Move(IReadOnlyList<DataFile> files, Dictionary<string, DataFile> back, Dictionary<string, DataFile> to)
    {
        foreach (var file in files)
        {
            var path = DataFiles.Decode(file.Path);
            if (!back.Remove(path))
                to[path] = _known.GetValueOrDefault(path) ?? file;
        }
    }
}
