namespace DataPlatform.Tables;

/// <summary>
/// How long a process waits before it tries for the next version of a table that others write too. Whoever has won leaves the others time for
/// a turn each, counted from its win; whoever has lost goes on at once. So nobody wins again and again while others wait, and a lost race costs
/// work, never progress, since somebody has won it.
/// </summary>
internal sealed class Contention
{
    private static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(2);

    private TimeSpan _attempt;

    /// <summary>An attempt was made.</summary>
    /// <param name="time">What it took, without the wait before it.</param>
    public void Tried(TimeSpan time) => _attempt = _attempt == TimeSpan.Zero ? time : (_attempt * 0.75) + (time * 0.25);

    /// <param name="others">Processes that write the table too.</param>
    /// <param name="losses">Races that the waiting change has lost.</param>
    /// <param name="sinceWin">Time since this process's last commit.</param>
    /// <param name="random">From 0 to 1: spreads those who would try at the same moment.</param>
    public TimeSpan WaitBefore(int others, int losses, TimeSpan sinceWin, double random)
    {
        if (others == 0)
            return TimeSpan.Zero;
        if (losses > 0)
            return _attempt * random;

        var turns = _attempt * others;
        var wait = ((turns < LongestTurn ? turns : LongestTurn) * (0.5 + random)) - sinceWin;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
