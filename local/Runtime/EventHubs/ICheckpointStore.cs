namespace DataPlatform.Local.Runtime.EventHubs;

/// <summary>Keeps who has which partition of a hub, and how far each is, for one consumer group.</summary>
internal interface ICheckpointStore
{
    Task<IReadOnlyList<Ownership>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Takes, renews or (with an empty owner) gives back a partition.</summary>
    /// <param name="ownership">With the version that was read; null: nobody had it.</param>
    /// <returns>With its new version; null when another one came first.</returns>
    Task<Ownership?> ClaimAsync(Ownership ownership, CancellationToken cancellationToken);

    /// <returns>Null when there is none.</returns>
    Task<Checkpoint?> ReadAsync(string partition, CancellationToken cancellationToken);

    Task WriteAsync(string partition, Checkpoint checkpoint, CancellationToken cancellationToken);
}
