namespace DataPlatform.Conformance.Tests;

/// <summary>Failure details as the app shows them.</summary>
public sealed record Failure(string Type, string Message, Failure? Inner);
