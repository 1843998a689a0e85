using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>Failures that the engine itself makes.</summary>
internal static class TaskFailures
{
    private const string ActivityNotFound = "ActivityTaskNotFound";
    private const string OrchestratorNotFound = "OrchestratorTaskNotFound";

    /// <summary>Whether a retry can't help.</summary>
    public static bool IsFinal(TaskFailureDetails failure) => failure.ErrorType is ActivityNotFound or OrchestratorNotFound;

    public static TaskFailureDetails NoActivity(string name, IEnumerable<string> known) =>
        new(ActivityNotFound, $"There is no activity function named '{name}'. {Known(known)}", null, null, null);

    public static TaskFailureDetails NoOrchestrator(string name, IEnumerable<string> known) =>
        new(OrchestratorNotFound, $"There is no orchestrator function named '{name}'. {Known(known)}", null, null, null);

    public static TaskFailureDetails Unreadable(string why) => new("InputUnreadable", why, null, null, null);

    public static TaskFailureDetails DiedInActivity(ActivityWork work) =>
        new("ProcessDied", Died($"activity '{work.Name}' (#{work.TaskId})", work.Deaths), null, null, null);

    public static string Died(string what, int deaths) =>
        $"The process has died {deaths} times while it had {what} to do, so it is not tried again: look for what ends the process "
        + "(memory, a stack overflow, Environment.Exit, native code).";

    public static string Known(IEnumerable<string> names) =>
        $"Known are: {string.Join(", ", names.Order(StringComparer.OrdinalIgnoreCase))}.";
}
