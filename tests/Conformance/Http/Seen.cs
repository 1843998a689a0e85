namespace DataPlatform.Conformance.Tests.Http;

/// <summary>Which function a request reached, and what it saw of it.</summary>
public sealed record Seen(string Function, string? Values, string Method, string Path, string Query);
