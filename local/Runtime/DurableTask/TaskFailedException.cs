using System.Diagnostics.CodeAnalysis;

namespace Microsoft.DurableTask;

/// <summary>What an orchestrator gets when an activity or sub-orchestration failed.</summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "The official signature.")]
public sealed class TaskFailedException : Exception
{
    public TaskFailedException(string taskName, int taskId, Exception innerException)
        : base(Describe(taskName, taskId, innerException?.Message), innerException)
    {
        TaskName = taskName;
        TaskId = taskId;
        FailureDetails = TaskFailureDetails.FromException(innerException!);
    }

    public TaskFailedException(string taskName, int taskId, TaskFailureDetails failureDetails)
        : base(Describe(taskName, taskId, failureDetails?.ErrorMessage))
    {
        TaskName = taskName;
        TaskId = taskId;
        FailureDetails = failureDetails!;
    }

    public string TaskName { get; }

    /// <summary>Sequence number of the call within the orchestration.</summary>
    public int TaskId { get; }

    public TaskFailureDetails FailureDetails { get; }

    [Obsolete("Use the FailureDetails property and its IsCausedBy<T>() method")]
    public bool IsCausedByException<T>()
        where T : Exception => FailureDetails.ErrorType == typeof(T).FullName;

    private static string Describe(string name, int id, string? reason) =>
        $"Task '{name}' (#{id}) failed with an unhandled exception{(reason is null ? "." : $": {reason}")}";
}
