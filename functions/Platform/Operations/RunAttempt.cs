namespace DataPlatform.Operations;

/// <summary>A try at a piece of a run's work that failed and is made again.</summary>
/// <param name="Activity">What was tried, e.g. <c>group 3 of step 'enrich'</c>.</param>
/// <param name="Reason">Why it failed, without row data.</param>
public sealed record RunAttempt(DateTimeOffset Time, string Activity, string Reason);
