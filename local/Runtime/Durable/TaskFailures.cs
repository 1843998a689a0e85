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

    public static string Known(IEnumerable<string> names) =>
        $"Known are: {string.Join(", ", names.Order(StringComparer.OrdinalIgnoreCase))}.";
}
