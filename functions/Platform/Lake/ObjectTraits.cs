namespace DataPlatform.Lake;

/// <summary>What a writer says of an object, beside its content.</summary>
internal sealed record ObjectTraits(string? ContentType, IReadOnlyDictionary<string, string>? Metadata = null)
{
    /// <summary>Null in the place of no names.</summary>
    public IReadOnlyDictionary<string, string>? Metadata { get; } = Metadata is { Count: > 0 } ? Metadata : null;
}
