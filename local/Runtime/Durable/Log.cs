using Microsoft.Extensions.Logging;

namespace DataPlatform.Local.Runtime.Durable;

internal static partial class Log
{
    [LoggerMessage(401, LogLevel.Information, "Durable engine started: hub {Hub}, store {Store}, {Orchestrators} orchestrators, {Activities} activities")]
    public static partial void Started(ILogger logger, string hub, string store, int orchestrators, int activities);

    [LoggerMessage(402, LogLevel.Information, "Took over {Instances} instances and {Activities} activities of processes that died")]
    public static partial void TookOver(ILogger logger, int instances, int activities);

    [LoggerMessage(403, LogLevel.Warning, "Orchestration {Name} {InstanceId} failed")]
    public static partial void OrchestratorFailed(ILogger logger, Exception exception, string name, string instanceId);

    [LoggerMessage(404, LogLevel.Warning, "Activity {Name} (#{TaskId}) of {InstanceId} failed")]
    public static partial void ActivityFailed(ILogger logger, Exception exception, string name, int taskId, string instanceId);

    [LoggerMessage(405, LogLevel.Warning, "Activity {Name} (#{TaskId}) of {InstanceId} lost its lease: its result is dropped")]
    public static partial void LeaseLost(ILogger logger, string name, int taskId, string instanceId);

    [LoggerMessage(406, LogLevel.Error, "A turn of {InstanceId} could not be run, {Attempts} times in a row; the next try is in {Seconds} s")]
    public static partial void TurnBroken(ILogger logger, Exception exception, string instanceId, int attempts, double seconds);

    [LoggerMessage(407, LogLevel.Error, "The durable engine's {Loop} loop met an error and goes on")]
    public static partial void LoopBroken(ILogger logger, Exception exception, string loop);

    [LoggerMessage(408, LogLevel.Error, "The result of activity {Name} (#{TaskId}) of {InstanceId} could not be stored; it will run again")]
    public static partial void ResultNotStored(ILogger logger, Exception exception, string name, int taskId, string instanceId);

    [LoggerMessage(409, LogLevel.Warning, "Recursive termination and purge are ignored, as on the official host: end the children of {InstanceId} one by one")]
    public static partial void RecursionIgnored(ILogger logger, string instanceId);

    [LoggerMessage(410, LogLevel.Information, "Activity {Name} (#{TaskId}) of {InstanceId} is delivered again, time {Deliveries}")]
    public static partial void Redelivered(ILogger logger, string name, int taskId, string instanceId, int deliveries);

    [LoggerMessage(411, LogLevel.Warning, "An orchestrator has not given its thread back in {Seconds} s: it blocks or loops without an await. The process ends without it")]
    public static partial void TurnsLeftBehind(ILogger logger, double seconds);

    [LoggerMessage(412, LogLevel.Information, "Activity {Name} (#{TaskId}) of {InstanceId} was interrupted; it will run again")]
    public static partial void ActivityInterrupted(ILogger logger, Exception exception, string name, int taskId, string instanceId);

    [LoggerMessage(413, LogLevel.Warning, "A turn of {InstanceId} has not come back within {Seconds} s: its orchestrator blocks or loops without an await. Other instances go on without its place")]
    public static partial void TurnOverdue(ILogger logger, string instanceId, double seconds);

    [LoggerMessage(414, LogLevel.Warning, "Event {Event} of {InstanceId} is lost, as on the official host: it came to a wait that was cancelled or had timed out. Wait for it once, and race that task with a timer")]
    public static partial void EventLost(ILogger logger, string @event, string instanceId);

    [LoggerMessage(415, LogLevel.Error, "{Results} results of activities of {InstanceId} can't be stored now; the next try is in {Seconds} s")]
    public static partial void ResultsWait(ILogger logger, Exception exception, int results, string instanceId, double seconds);
}
