using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>Reads the header <c>Idempotency-Key</c>.</summary>
public static class IdempotencyKey
{
    public const string Header = "Idempotency-Key";
    public const int MaxLength = 255;

    /// <returns>Null when it is not there.</returns>
    /// <exception cref="TerminalException"><c>InvalidIdempotencyKey</c>.</exception>
    public static string? Read(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
            return null;
        return values is [{ Length: > 0 and <= MaxLength } key] && key.All(c => c is >= ' ' and <= '~')
            ? key
            : throw new TerminalException(
                FailureKind.Invalid, "InvalidIdempotencyKey", $"An {Header} has 1 to {MaxLength} printable ASCII characters: send one that fits.", Header);
    }
}
