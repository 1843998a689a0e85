using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>Who a request comes from.</summary>
/// <param name="Id">Stable; part of idempotency. Not a secret.</param>
public sealed record Caller(string Id, IReadOnlyList<string> Scopes)
{
    /// <summary>Whoever asks on public routes.</summary>
    public static Caller Anonymous { get; } = new("anonymous", []);

    private static readonly object Key = new();

    public bool Has(string scope) => Scopes.Any(granted => ScopeMatcher.Covers(granted, scope));

    /// <summary>The caller that the gateway found.</summary>
    public static Caller Of(HttpContext http) => http.Items.TryGetValue(Key, out var caller) ? (Caller)caller! : Anonymous;

    public static void Set(HttpContext http, Caller caller) => http.Items[Key] = caller;
}
