using Microsoft.DurableTask;

namespace DataPlatform.ConformanceApp.Durable;

/// <summary>Failure details without the stack.</summary>
public sealed record FailureSeen(string Type, string Message, FailureSeen? Inner)
{
    public static FailureSeen Of(TaskFailureDetails failure) =>
        new(failure.ErrorType, failure.ErrorMessage, failure.InnerFailure is { } inner ? Of(inner) : null);
}
