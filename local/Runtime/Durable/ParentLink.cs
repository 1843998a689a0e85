namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Whom a sub-orchestration answers to.</summary>
internal sealed record ParentLink(string InstanceId, string ExecutionId, int TaskId, string Name);
