using System.Globalization;
using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>
/// The history of an instance as the API shows it: what happened, oldest first; a call only once it has ended, together with when it was
/// made. The store keeps no inputs of calls, so that none are shown.
/// </summary>
internal sealed class HistoryDocument(OrchestrationMetadata instance, IReadOnlyList<HistoryEvent> history, bool showInput, bool showOutput)
{
    private readonly Dictionary<int, Call> _calls = [];

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("historyEvents");
        DateTimeOffset turn = instance.CreatedAt;
        foreach (HistoryEvent step in history)
        {
            if (step.Kind == HistoryEventKind.TurnStarted) turn = step.At;
            else WriteStep(json, step, turn);
        }

        if (instance.IsCompleted)
        {
            Start(json, "ExecutionCompleted");
            json.WriteString("OrchestrationStatus", instance.RuntimeStatus.ToString());
            WriteResult(json, instance.SerializedOutput);
            End(json, instance.LastUpdatedAt);
        }

        json.WriteEndArray();
    }

    private void WriteStep(Utf8JsonWriter json, HistoryEvent step, DateTimeOffset turn)
    {
        switch (step.Kind)
        {
            case HistoryEventKind.TaskScheduled or HistoryEventKind.SubOrchestrationCreated:
                _calls[step.TaskId] = new Call(step.Name, turn);
                break;
            case HistoryEventKind.ExecutionStarted:
                Start(json, "ExecutionStarted");
                if (showInput) json.WriteString("Input", instance.SerializedInput);
                End(json, step.At, new Call(instance.Name, null));
                break;
            case HistoryEventKind.TaskCompleted or HistoryEventKind.SubOrchestrationCompleted:
                Start(json, step.Kind == HistoryEventKind.TaskCompleted ? "TaskCompleted" : "SubOrchestrationInstanceCompleted");
                WriteResult(json, step.Payload);
                End(json, step.At, _calls.GetValueOrDefault(step.TaskId));
                break;
            case HistoryEventKind.TaskFailed or HistoryEventKind.SubOrchestrationFailed:
                Start(json, step.Kind == HistoryEventKind.TaskFailed ? "TaskFailed" : "SubOrchestrationInstanceFailed");
                WriteFailure(json, step.Failure, _calls.GetValueOrDefault(step.TaskId));
                End(json, step.At, _calls.GetValueOrDefault(step.TaskId));
                break;
            case HistoryEventKind.TimerCreated or HistoryEventKind.TimerFired:
                Start(json, step.Kind.ToString());
                json.WriteString("FireAt", Exact(step.At));
                End(json, step.Kind == HistoryEventKind.TimerCreated ? turn : step.At);
                break;
            default:
                Start(json, step.Kind.ToString());
                json.WriteString("Name", step.Name);
                if (showInput && step.Kind == HistoryEventKind.EventRaised) json.WriteString("Input", step.Payload);
                End(json, step.At);
                break;
        }
    }

    private static void WriteFailure(Utf8JsonWriter json, TaskFailureDetails? failure, Call? call)
    {
        json.WriteString("Reason", $"Function '{call?.Name}' failed with an unhandled exception.");
        json.WriteStartObject("FailureDetails");
        json.WriteString("ErrorType", failure?.ErrorType);
        json.WriteString("ErrorMessage", failure?.ErrorMessage);
        json.WriteEndObject();
    }

    private void WriteResult(Utf8JsonWriter json, string? result)
    {
        if (showOutput) InstanceDocument.WritePayload(json, "Result", result);
    }

    private static void Start(Utf8JsonWriter json, string type)
    {
        json.WriteStartObject();
        json.WriteString("EventType", type);
    }

    private static void End(Utf8JsonWriter json, DateTimeOffset at, Call? call = null)
    {
        json.WriteString("Timestamp", Exact(at));
        if (call?.At is { } scheduled) json.WriteString("ScheduledTime", Exact(scheduled));
        if (call is not null) json.WriteString("FunctionName", call.Name);
        json.WriteEndObject();
    }

    private static string Exact(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private sealed record Call(string? Name, DateTimeOffset? At);
}
