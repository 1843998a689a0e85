namespace DataPlatform.Processing;

/// <summary>A pipeline as a run executes it.</summary>
/// <param name="Steps">In an order in which each step comes behind those whose tables it reads.</param>
public sealed record CompiledPipeline(string Name, IReadOnlyList<CompiledStep> Steps);
