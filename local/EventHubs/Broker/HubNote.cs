namespace DataPlatform.Local.EventHubs.Broker;

/// <summary>What is remembered of an event hub beside its events.</summary>
internal sealed record HubNote(DateTimeOffset Created, int PartitionCount);
