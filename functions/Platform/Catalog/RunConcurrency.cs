namespace DataPlatform.Catalog;

/// <summary>What a run of a pipeline does while another run of it is under way.</summary>
public enum RunConcurrency
{
    /// <summary>It waits until all that were asked for before it have ended.</summary>
    Queue,

    /// <summary>It is canceled.</summary>
    Skip,

    /// <summary>It runs beside it. The later of two that work on the same rows may fail with <c>RunOvertaken</c>.</summary>
    Parallel,
}
