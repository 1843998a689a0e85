namespace DataPlatform.Local.Runtime.Durable;

/// <summary>How a turn ended for the pump.</summary>
/// <param name="Snapshot">What is known of the instance now; null reads it anew.</param>
/// <param name="Again">Whether the inbox must be looked into once more.</param>
/// <param name="Unplayed">Results that still wait for a turn.</param>
internal sealed record TurnResult(Snapshot? Snapshot, bool Again, List<ActivityResult> Unplayed)
{
    public static TurnResult Forget => new(null, Again: false, []);

    public static TurnResult TryAgain(List<ActivityResult> unplayed) => new(null, Again: true, unplayed);

    public static TurnResult Done(Snapshot? snapshot) => new(snapshot, Again: false, []);
}
