using DataPlatform.Operations;

namespace DataPlatform.Triggers;

/// <summary>What a look at a definition's triggers came to.</summary>
/// <param name="Runs">Runs that were stored, to be scheduled.</param>
/// <param name="Next">When to look again; null leaves it to the regular look.</param>
internal sealed record TriggerTurn(IReadOnlyList<Run> Runs, DateTimeOffset? Next);
