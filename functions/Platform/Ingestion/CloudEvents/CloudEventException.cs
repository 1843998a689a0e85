namespace DataPlatform.Ingestion.CloudEvents;

/// <summary>Something is no CloudEvent.</summary>
/// <param name="attribute">The attribute at fault; null when it is the event as a whole.</param>
internal sealed class CloudEventException(string? attribute, string message) : Exception(message)
{
    public string? Attribute { get; } = attribute;
}
