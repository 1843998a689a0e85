using System.Globalization;
using System.Text.Json;
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
                json.WriteString("FunctionName", instance.Name);
                if (showInput) json.WriteString("Input", instance.SerializedInput);
                End(json, step.At);
                break;
            case HistoryEventKind.TaskCompleted or HistoryEventKind.SubOrchestrationCompleted:
                Start(json, step.Kind == HistoryEventKind.TaskCompleted ? "TaskCompleted" : "SubOrchestrationInstanceCompleted");
                WriteCall(json, step);
                WriteResult(json, step.Payload);
                End(json, step.At);
                break;
            case HistoryEventKind.TaskFailed or HistoryEventKind.SubOrchestrationFailed:
                Start(json, step.Kind == HistoryEventKind.TaskFailed ? "TaskFailed" : "SubOrchestrationInstanceFailed");
                WriteCall(json, step);
                json.WriteString("Reason", step.Failure?.ErrorMessage);
                End(json, step.At);
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

    private void WriteCall(Utf8JsonWriter json, HistoryEvent step)
    {
        if (!_calls.TryGetValue(step.TaskId, out Call? call)) return;
        json.WriteString("FunctionName", call.Name);
        json.WriteString("ScheduledTime", Exact(call.At));
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

    private static void End(Utf8JsonWriter json, DateTimeOffset at)
    {
        json.WriteString("Timestamp", Exact(at));
        json.WriteEndObject();
    }

    private static string Exact(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private sealed record Call(string? Name, DateTimeOffset At);
}
