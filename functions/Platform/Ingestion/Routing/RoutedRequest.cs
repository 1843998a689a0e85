namespace DataPlatform.Ingestion.Routing;

/// <summary>What routes look at.</summary>
/// <param name="Dataset">The name in the address.</param>
/// <param name="MediaType">Lower case, without parameters; empty when the request says none.</param>
/// <param name="Bytes">Of the body as sent; null when it has more than are told apart.</param>
/// <param name="Sources">Of all events, or what the request says of itself; empty when nothing is known.</param>
internal sealed record RoutedRequest(string Dataset, string MediaType, long? Bytes, IReadOnlyList<string> Sources);
