namespace DataPlatform.Operations;

/// <summary>Which runs are looked for; null is any.</summary>
/// <param name="Kind">Given together with <paramref name="Name"/>.</param>
/// <param name="From">Runs of this time or later, by the time in their ids: when they were asked for, or due.</param>
/// <param name="To">Runs of an earlier time.</param>
public sealed record RunFilter(
    RunKind? Kind = null, string? Name = null, RunStatus? Status = null, RunCause? Cause = null, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>Whether a run is of these, whatever its time.</summary>
    public bool Accepts(Run run) =>
        (Kind is null || run.Kind == Kind) && (Name is null || run.Name == Name) && (Status is null || run.Status == Status) && (Cause is null || run.Cause == Cause);
}
