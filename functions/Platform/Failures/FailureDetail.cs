namespace DataPlatform.Failures;

/// <summary>One of several things wrong with a request or document.</summary>
/// <param name="Code">Stable PascalCase code, e.g. <c>UnknownField</c>.</param>
/// <param name="Message">What is wrong and how to fix it.</param>
/// <param name="Target">The place: a JSON path (<c>$.fields[2].type</c>), a parameter or a column.</param>
public sealed record FailureDetail(string Code, string Message, string? Target = null);
