namespace DataPlatform.ConformanceApp.Http;

/// <summary>Which function a request reached, and what it saw of it.</summary>
/// <param name="Values">The route values, as bound to the function's parameters.</param>
public sealed record Seen(string Function, string? Values, string Method, string Path, string Query);
