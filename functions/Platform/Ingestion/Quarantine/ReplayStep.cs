namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A replay's work at one batch.</summary>
/// <param name="Parent">The batch whose rows it takes.</param>
/// <param name="Batch">Id of the batch that the rows come in with again, if any pass.</param>
/// <param name="Started">When it began, whole microseconds.</param>
/// <param name="TableVersion">The table's version then: a commit of the batch is behind it.</param>
/// <param name="Attempt">How often it was tried.</param>
/// <param name="Result">Null while it is worked on.</param>
internal sealed record ReplayStep(string Parent, string Batch, DateTimeOffset Started, long TableVersion, int Attempt, ReplayedBatch? Result = null);
