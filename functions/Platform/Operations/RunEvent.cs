namespace DataPlatform.Operations;

/// <summary>What can happen in a run.</summary>
public enum RunEvent
{
    Asked,
    Begun,
    Pinned,
    StepPlanned,
    StepSkipped,
    StepCommitted,
    Expectation,
    AttemptFailed,
    CancelRequested,
    Ended,
}
