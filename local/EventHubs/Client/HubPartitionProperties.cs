namespace DataPlatform.Local.EventHubs.Client;

/// <summary>What a partition tells about its events.</summary>
public sealed record HubPartitionProperties(
    string Id, bool IsEmpty, long BeginningSequenceNumber, long LastEnqueuedSequenceNumber, string LastEnqueuedOffset, DateTimeOffset LastEnqueuedTime);
