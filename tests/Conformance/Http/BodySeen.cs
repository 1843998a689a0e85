namespace DataPlatform.Conformance.Tests.Http;

/// <summary>What a function read of a body.</summary>
public sealed record BodySeen(long Length, string Sha256, long? ContentLength, string? ContentType, long GrowthBytes);
