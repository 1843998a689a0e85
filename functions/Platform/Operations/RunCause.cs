namespace DataPlatform.Operations;

/// <summary>What started a run.</summary>
public enum RunCause
{
    Request,
    Schedule,
    Change,
    After,

    /// <summary>A request to go on with a run that failed.</summary>
    Retry,

    /// <summary>A backfill, of which it is a slice.</summary>
    Backfill,
}
