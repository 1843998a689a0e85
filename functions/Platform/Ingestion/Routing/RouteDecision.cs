using DataPlatform.Catalog;

namespace DataPlatform.Ingestion.Routing;

/// <summary>Where a request goes.</summary>
/// <param name="Dataset">That gets the rows.</param>
/// <param name="Service">That takes them: <see cref="RouteService.Batch"/> or <see cref="RouteService.Realtime"/>.</param>
/// <param name="Route">The route that decided; null when it was the defaults.</param>
public sealed record RouteDecision(string Dataset, RouteService Service, string? Route);
