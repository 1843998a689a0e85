using DataPlatform.Operations;

namespace DataPlatform.App.Lake;

/// <summary>Input of an operation's last activity.</summary>
public sealed record LakeOperationEnd(string Operation, RunFailure? Error);
