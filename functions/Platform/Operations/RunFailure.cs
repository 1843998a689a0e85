namespace DataPlatform.Operations;

/// <summary>Why a run failed.</summary>
/// <param name="Code">Stable PascalCase code.</param>
/// <param name="Message">What was wrong and the fix, without row data.</param>
/// <param name="Target">The place: a step, a column.</param>
public sealed record RunFailure(string Code, string Message, string? Target = null);
