namespace DataPlatform.Catalog;

/// <summary>The ingestion services that a route may name.</summary>
public enum RouteService
{
    Batch,
    Realtime,

    /// <summary>Through a hub; where there is none, <see cref="Batch"/> takes the request.</summary>
    Streaming,
}
