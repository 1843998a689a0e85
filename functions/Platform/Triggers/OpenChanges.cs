namespace DataPlatform.Triggers;

/// <summary>Commits that changed data and that no run was started for yet.</summary>
/// <param name="First">Time of the oldest.</param>
/// <param name="Last">Time of the newest: from it counts the debounce.</param>
/// <param name="Versions">Table to the version of its newest.</param>
internal sealed record OpenChanges(DateTimeOffset First, DateTimeOffset Last, IReadOnlyDictionary<string, long> Versions)
{
    /// <summary>A steady stream of changes delays a run by so many debounces at most.</summary>
    public const int MostDebounces = 12;

    public OpenChanges With(string table, long version, DateTimeOffset first, DateTimeOffset last) => new(
        first < First ? first : First,
        last > Last ? last : Last,
        new Dictionary<string, long>(Versions) { [table] = version });

    /// <summary>When the run is to start.</summary>
    public DateTimeOffset StartsAt(TimeSpan debounce)
    {
        var (quiet, latest) = (Last + debounce, First + (MostDebounces * debounce));
        return quiet < latest ? quiet : latest;
    }

    /// <summary>Whether who read these table versions has seen all of the changes.</summary>
    public bool AreIn(IReadOnlyDictionary<string, long>? pinned) =>
        pinned is not null && Versions.All(change => pinned.TryGetValue(change.Key, out var version) && version >= change.Value);
}
