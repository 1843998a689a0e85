namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Who has a partition.</summary>
/// <param name="Owner">Empty: given back.</param>
/// <param name="Changed">When the owner last said so.</param>
/// <param name="Version">For the next claim, which fails when another one came first; null: nobody had it yet.</param>
internal sealed record Ownership(string Partition, string Owner, DateTimeOffset Changed, string? Version);
