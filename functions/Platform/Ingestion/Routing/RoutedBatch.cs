using DataPlatform.Ingestion.Batches;

namespace DataPlatform.Ingestion.Routing;

/// <summary>A request on its way to the service that takes it. To be disposed when that has read it.</summary>
public sealed class RoutedBatch : IDisposable
{
    private readonly BodyStart _start;

    internal RoutedBatch(RouteDecision decision, BatchRequest request, BodyStart start) => (Decision, Request, _start) = (decision, request, start);

    public RouteDecision Decision { get; }

    /// <summary>With the dataset that gets the rows, and all of its body.</summary>
    public BatchRequest Request { get; }

    public void Dispose() => _start.Dispose();
}
