namespace DataPlatform.Bench;

/// <summary>One measured burst of work.</summary>
/// <param name="PerSecond">Pieces of work done in a second.</param>
/// <param name="Milliseconds">For each piece, the time from the first request to its end.</param>
internal sealed record OrchestrationRound(double PerSecond, IReadOnlyList<double> Milliseconds);
