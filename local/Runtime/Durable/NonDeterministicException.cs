namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The orchestrator's code does not do again what its history says it did.</summary>
internal sealed class NonDeterministicException(string message) : Exception(
    $"Non-deterministic orchestrator: {message} Was the code changed while the instance ran, or does it use a clock, random "
    + "values or I/O directly?");
