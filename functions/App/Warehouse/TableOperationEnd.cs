using DataPlatform.Operations;

namespace DataPlatform.App.Warehouse;

/// <summary>Input of an operation's last activity.</summary>
public sealed record TableOperationEnd(string Operation, RunFailure? Error);
