namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What a committed turn set going.</summary>
internal sealed class TurnWakeUps
{
    public HashSet<string> Instances { get; } = new(StringComparer.Ordinal);

    public bool Activities { get; set; }

    public bool Finished { get; set; }

    public DateTimeOffset? NextTimer { get; private set; }

    public void TimerDue(DateTimeOffset at) => NextTimer = NextTimer is { } next && next < at ? next : at;
}
