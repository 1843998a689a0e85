namespace DataPlatform.ConformanceApp.Http;

/// <summary>What a function read of a body.</summary>
/// <param name="ContentLength">The header, null when the request came without one.</param>
/// <param name="GrowthBytes">How much the process' memory grew at most while the body was read.</param>
public sealed record BodySeen(long Length, string Sha256, long? ContentLength, string? ContentType, long GrowthBytes);
