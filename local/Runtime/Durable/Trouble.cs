namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Why an instance's turns can't be taken at present.</summary>
/// <param name="Attempts">Turns that failed in the engine since the last good one.</param>
/// <param name="Deaths">Processes that died while it had something to do, since its last good turn.</param>
/// <param name="RetryAt">Not before then.</param>
/// <param name="Problem">Null as long as there is nothing to show.</param>
internal sealed record Trouble(int Attempts, int Deaths, DateTimeOffset RetryAt, string? Problem)
{
    /// <summary>What is shown as the instance's output while it has none.</summary>
    public string? Shown => Problem is null || (Attempts == 0 && Deaths == 0)
        ? Problem
        : $"Its turns fail ({Attempts} times, {Deaths} processes died); next try at {RetryAt:u}. {Problem}";
}
