namespace DataPlatform.Bench;

/// <summary>One measured burst of work.</summary>
/// <param name="PerSecond">Pieces of work done in a second.</param>
/// <param name="Milliseconds">For each piece, the time from the first request to its end.</param>
internal sealed record MeasuredRound(double PerSecond, IReadOnlyList<double> Milliseconds)
{
    /// <summary>The median of the rounds.</summary>
    public static double MedianPerSecond(IEnumerable<MeasuredRound> rounds) => Math.Round(Stopwatches.Median(rounds.Select(round => round.PerSecond)), 1);

    /// <summary>Over all pieces of all rounds, in milliseconds.</summary>
    public static double Percentile(IEnumerable<MeasuredRound> rounds, double share)
    {
        double[] all = [.. rounds.SelectMany(round => round.Milliseconds).Order()];
        return Math.Round(all[(int)Math.Ceiling(all.Length * share) - 1], 2);
    }
}
