using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts the function with events of an event hub, in the order of each partition.</summary>
public sealed class EventHubTriggerAttribute : TriggerBindingAttribute
{
    /// <param name="eventHubName">The hub, or <c>%setting%</c>.</param>
    public EventHubTriggerAttribute(string eventHubName)
    {
        EventHubName = eventHubName;
    }

    public string EventHubName { get; }

    /// <summary>The consumer group, or <c>%setting%</c>; null means <c>$Default</c>.</summary>
    public string? ConsumerGroup { get; set; }

    /// <summary>The setting with the connection string.</summary>
    public string? Connection { get; set; }

    /// <summary>Whether the function takes an array of events.</summary>
    public bool IsBatched { get; set; } = true;
}
