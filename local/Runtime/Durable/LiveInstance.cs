namespace DataPlatform.Local.Runtime.Durable;

/// <summary>An instance that this process works on, or keeps in memory for its next turn. Guarded by the pump's lock.</summary>
internal sealed class LiveInstance(string id)
{
    public string Id => id;

    public LivePhase Phase { get; set; }

    /// <summary>Whether the inbox may hold something unread.</summary>
    public bool Look { get; set; }

    /// <summary>Results of this process's activities that no turn has played yet.</summary>
    public List<ActivityResult> Results { get; private set; } = [];

    public Snapshot? Snapshot { get; set; }

    /// <summary>What the cache counts for it.</summary>
    public long CountedBytes { get; set; }

    /// <summary>When the running turn began; 0 while it does not hold a place among the running ones.</summary>
    public long Started { get; set; }

    public bool HasWork => Look || Results.Count > 0;

    public List<ActivityResult> TakeResults()
    {
        List<ActivityResult> taken = Results;
        Results = [];
        return taken;
    }

    public void GiveBack(List<ActivityResult> results) => Results.InsertRange(0, results);
}
