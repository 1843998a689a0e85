namespace DataPlatform.Local.Runtime.Durable;

/// <summary>An activity; its result is serialized by the engine. The token fires when the host stops or the lease is lost.</summary>
internal delegate Task<object?> Activity(ActivityContext context, CancellationToken cancellationToken);
