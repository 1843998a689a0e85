using System.Collections.Immutable;

namespace DataPlatform.Platform.Tests.Processing.Incremental;

/// <summary>All versions of a table as lists of rows, and nothing of files or logs.</summary>
public sealed class ModelTable(string name)
{
    private readonly List<ModelVersion> _versions = [];

    public string Name { get; } = name;

    /// <summary>Counts the tables that had this name.</summary>
    public int Life { get; private set; }

    /// <summary>The version at which the table of now began.</summary>
    public long Birth { get; private set; }

    /// <summary>Whether its positions went back once: its sources keep nothing for those.</summary>
    public bool WasRestored { get; private set; }

    public bool Exists => _versions.Count > 0;

    public long Newest => _versions.Count - 1;

    public ModelVersion Now => _versions[^1];

    public ModelVersion this[long version] => _versions[(int)version];

    public void Append(IEnumerable<ModelRow> rows, DateTimeOffset at, ImmutableDictionary<(string, string), ModelPosition>? positions = null)
    {
        ImmutableList<ModelRow> added = [.. rows];
        Add(at, Rows.AddRange(added), added, false, positions);
    }

    public void Overwrite(IEnumerable<ModelRow> rows, DateTimeOffset at, ImmutableDictionary<(string, string), ModelPosition>? positions = null)
    {
        ImmutableList<ModelRow> added = [.. rows];
        Add(at, added, added, !Rows.IsEmpty, positions);
    }

    public void Merge(
        IEnumerable<ModelRow> rows, Func<ModelRow, object> key, DateTimeOffset at, ImmutableDictionary<(string, string), ModelPosition>? positions = null)
    {
        ImmutableList<ModelRow> added = [.. rows];
        var keys = added.Select(key).ToHashSet();
        var kept = Rows.RemoveAll(row => keys.Contains(key(row)));
        Add(at, kept.AddRange(added), added, kept.Count < Rows.Count, positions);
    }

    public void Delete(Predicate<ModelRow> dead, DateTimeOffset at) => Add(at, Rows.RemoveAll(dead), [], true, null);

    /// <param name="removesFiles">Whether files went, be it that their rows came back in others.</param>
    public void Restore(long version, DateTimeOffset at, bool removesFiles)
    {
        var then = this[version];
        Assert.True(removesFiles || Without(Rows, then.Rows).IsEmpty, $"'{Name}' was restored, and kept rows that were not there.");
        WasRestored = true;
        Add(at, then.Rows, Without(then.Rows, Rows), removesFiles, then.Positions);
    }

    /// <summary>Commits that change no rows, up to a version.</summary>
    public void Fill(long upTo, DateTimeOffset at)
    {
        while (Newest < upTo)
            Add(at, Rows, [], false, null);
    }

    /// <summary>Another table takes the name, in the same log.</summary>
    public void Replace(DateTimeOffset at)
    {
        Add(at, [], [], true, ImmutableDictionary<(string, string), ModelPosition>.Empty);
        (Life, Birth) = (Life + 1, Newest);
    }

    /// <summary>The table is gone; another one may come.</summary>
    public void Drop()
    {
        _versions.Clear();
        (Life, Birth) = (Life + 1, 0);
    }

    private ImmutableList<ModelRow> Rows => Exists ? Now.Rows : [];

    private void Add(
        DateTimeOffset at,
        ImmutableList<ModelRow> rows,
        ImmutableList<ModelRow> inserted,
        bool removes,
        ImmutableDictionary<(string, string), ModelPosition>? positions) =>
        _versions.Add(new ModelVersion(
            at, rows, inserted, removes, positions ?? (Exists ? Now.Positions : ImmutableDictionary<(string, string), ModelPosition>.Empty)));

    /// <summary>The rows of one list that another one has not as often.</summary>
    private static ImmutableList<ModelRow> Without(ImmutableList<ModelRow> rows, ImmutableList<ModelRow> others)
    {
        foreach (var other in others)
            rows = rows.Remove(other);
        return rows;
    }
}
