namespace DataPlatform.Local.Runtime.Durable;

/// <summary>An orchestrator; its result is serialized by the engine.</summary>
internal delegate Task<object?> Orchestrator(OrchestrationContext context);
