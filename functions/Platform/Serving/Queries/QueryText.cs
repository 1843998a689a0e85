namespace DataPlatform.Serving.Queries;

/// <summary>A query as its caller wrote it, decoded from the URL. Null means that the option was not given.</summary>
public sealed record QueryText(
    string? Select = null,
    string? Filter = null,
    string? OrderBy = null,
    string? Top = null,
    string? Skip = null,
    string? Count = null,
    string? Apply = null,
    string? Compute = null);
