using System.Text.Json;
using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>One run of an activity, with its input still as text.</summary>
internal sealed class ActivityContext(ActivityWork work, DataConverter converter) : TaskActivityContext
{
    public override TaskName Name => work.Name;

    public override string InstanceId => work.InstanceId;

    public override string Version => work.Version ?? string.Empty;

    public string? SerializedInput => work.Input;

    public T? GetInput<T>() => (T?)(GetInput(typeof(T)) ?? default(T));

    public object? GetInput(Type type)
    {
        try
        {
            return converter.Deserialize(work.Input, type);
        }
        catch (JsonException exception)
        {
            throw Payload.Unreadable(exception, $"input of '{work.Name}'", type);
        }
    }
}
