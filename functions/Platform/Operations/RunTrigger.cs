namespace DataPlatform.Operations;

/// <summary>What started a run that no request asked for. One of the members is given.</summary>
public sealed record RunTrigger
{
    /// <summary>Of a schedule: when the run was due.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Of changes: the changed tables with the table versions that the run is to see.</summary>
    public IReadOnlyDictionary<string, long>? Changes { get; init; }

    /// <summary>The other pipeline's run whose end started it.</summary>
    public string? After { get; init; }

    /// <summary>Of a backfill: which slice of it.</summary>
    public BackfillPart? Backfill { get; init; }
}
