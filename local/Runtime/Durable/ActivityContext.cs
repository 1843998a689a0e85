using Microsoft.DurableTask;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>One run of an activity, with its input still as text.</summary>
internal sealed class ActivityContext(ActivityWork work, DataConverter converter) : TaskActivityContext
{
    public override TaskName Name => work.Name;

    public override string InstanceId => work.InstanceId;

    public override string Version => work.Version ?? string.Empty;

    public string? SerializedInput => work.Input;

    public T? GetInput<T>() => converter.Deserialize<T>(work.Input);

    public object? GetInput(Type type) => converter.Deserialize(work.Input, type);
}
