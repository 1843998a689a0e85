using System.Text.Json.Serialization;
using DataPlatform.Failures;

namespace DataPlatform.Gateway;

/// <summary>What went wrong.</summary>
/// <param name="Code">The same as in the header <c>x-ms-error-code</c>.</param>
/// <param name="Message">What was wrong, where, and the fix.</param>
/// <param name="Target">The place: a JSON path, parameter, header or column.</param>
/// <param name="Details">Every single mistake when there are several.</param>
public sealed record ErrorBody(
    string Code,
    string Message,
    string? Target,
    IReadOnlyList<FailureDetail>? Details,
    [property: JsonPropertyName("innererror")] InnerError InnerError);
