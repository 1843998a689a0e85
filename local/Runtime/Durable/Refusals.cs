using Grpc.Core;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>What the host refuses, as the official client throws it.</summary>
internal static class Refusals
{
    public static RpcException NotFound(string instanceId) =>
        new(new Status(StatusCode.NotFound, $"There is no orchestration instance '{instanceId}'."));

    public static RpcException NotPossible(string action, InstanceRow row) => new(new Status(
        StatusCode.FailedPrecondition,
        row.IsFinished
            ? $"Orchestration instance '{row.Id}' has ended: its status is {row.Status}."
            : $"Can't {action} orchestration instance '{row.Id}': its status is {row.Status}."));

    public static InvalidOperationException LivePurged(InstanceRow row) =>
        new($"Orchestration instance '{row.Id}' is {row.Status}: terminate it before it is purged.");
}
