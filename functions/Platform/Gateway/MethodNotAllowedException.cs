using DataPlatform.Failures;

namespace DataPlatform.Gateway;

/// <summary>The address is known, but not with this method.</summary>
/// <param name="allowed">The methods it is known with, for the <c>Allow</c> header.</param>
public sealed class MethodNotAllowedException(string method, string path, IReadOnlyList<string> allowed)
    : TerminalException(
        FailureKind.MethodNotAllowed, "MethodNotAllowed", $"{method} is not offered at {path}. Offered: {string.Join(", ", allowed)}.", "method")
{
    public IReadOnlyList<string> Allowed { get; } = allowed;
}
