namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What a committed turn set going.</summary>
internal sealed class TurnWakeUps
{
    /// <summary>The instance as it is now.</summary>
    public required InstanceRow Row { get; init; }

    /// <summary>New lines of the history; empty when the instance starts over.</summary>
    public IReadOnlyList<HistoryEvent> Added { get; set; } = [];

    public HashSet<string> Instances { get; } = new(StringComparer.Ordinal);

    /// <summary>Activities that this process holds from the start.</summary>
    public List<ActivityWork> Claimed { get; } = [];

    /// <summary>Whether there are activities beyond those.</summary>
    public bool MoreActivities { get; set; }

    public DateTimeOffset? NextTimer { get; private set; }

    public void TimerDue(DateTimeOffset at) => NextTimer = NextTimer is { } next && next < at ? next : at;
}
