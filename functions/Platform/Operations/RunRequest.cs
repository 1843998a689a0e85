using DataPlatform.Catalog;

namespace DataPlatform.Operations;

/// <summary>What a caller asks to be run.</summary>
/// <param name="Name">Of the pipeline or mart.</param>
/// <param name="IdempotencyKey">The same key again gives the same run.</param>
public sealed record RunRequest(RunKind Kind, string Name, long DefinitionVersion, string Caller, string? IdempotencyKey = null)
{
    /// <summary>What the run does while another one of the same name is under way.</summary>
    public RunConcurrency Concurrency { get; init; }
}
