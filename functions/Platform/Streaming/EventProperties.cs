namespace DataPlatform.Streaming;

/// <summary>Application properties by which an event tells where it belongs. Whoever publishes sets them as texts; whoever consumes also takes
/// numbers, which other clients send.</summary>
public static class EventProperties
{
    /// <summary>Name of the dataset that the event is a row of. Without it the hub's default counts.</summary>
    public const string Dataset = "dataset";

    /// <summary>Id of the receipt of the request that brought the event.</summary>
    public const string Receipt = "receipt";

    /// <summary>Place of the event in that request's body, a whole number from 0.</summary>
    public const string Index = "index";

    /// <summary>Media type of a body that is a structured CloudEvent.</summary>
    public const string StructuredCloudEvent = "application/cloudevents+json";

    /// <summary>What the attributes of a CloudEvent in binary mode begin with.</summary>
    public const string CloudEvent = "cloudEvents:";

    /// <summary>The same, as clients write it that have no colon in names (CloudEvents AMQP binding, section 3.1.3.1).</summary>
    public const string CloudEventInNames = "cloudEvents_";
}
