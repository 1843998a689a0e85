namespace DataPlatform.Ingestion.Streaming;

/// <summary>An event on its way to a hub.</summary>
/// <param name="Body">Not copied: unchanged until the hub has it.</param>
public sealed record OutgoingEvent(ReadOnlyMemory<byte> Body)
{
    public string? ContentType { get; init; }

    /// <summary>Application properties, visible to every consumer.</summary>
    public IReadOnlyDictionary<string, string> Properties { get; init; } = new Dictionary<string, string>();
}
