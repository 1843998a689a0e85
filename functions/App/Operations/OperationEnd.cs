using DataPlatform.Operations;

namespace DataPlatform.App.Operations;

/// <summary>Input of an operation's last activity.</summary>
public sealed record OperationEnd(string Operation, RunFailure? Error);
