namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>The last event of a partition that is done with.</summary>
/// <param name="Offset">Null in checkpoints that tell the sequence number only.</param>
internal sealed record Checkpoint(string? Offset, long? SequenceNumber);
