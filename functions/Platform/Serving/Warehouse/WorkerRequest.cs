namespace DataPlatform.Serving.Warehouse;

/// <summary>What a worker is asked to do: one of the two.</summary>
/// <param name="Parse">Statements whose syntax trees are wanted.</param>
internal sealed record WorkerRequest(IReadOnlyList<string>? Parse = null, WorkerTask? Run = null);
