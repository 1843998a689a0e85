namespace DataPlatform.Local.EventHubs.Client;

/// <summary>What a hub tells about itself.</summary>
/// <param name="Created">Another value means another hub of the same name: its sequence numbers begin anew.</param>
public sealed record HubProperties(string Name, DateTimeOffset Created, IReadOnlyList<string> PartitionIds);
