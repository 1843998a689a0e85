namespace DataPlatform.Ingestion.Preview;

/// <summary>A body that is looked at and not kept.</summary>
/// <param name="Body">Read once. Limits of size are the stream's own matter: it throws when they are passed.</param>
public sealed record PreviewRequest(string Dataset, string? ContentType, string? ContentEncoding, Stream Body);
