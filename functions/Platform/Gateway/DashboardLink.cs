using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>What a link gives to whoever has it: one dashboard, for a time.</summary>
/// <param name="Filters">Values of dimensions that the link is held to: of other rows its holder sees nothing.</param>
public sealed record DashboardLink(string Dashboard, DateTimeOffset Expires, IReadOnlyDictionary<string, IReadOnlyList<string>> Filters)
{
    private static readonly object Key = new();

    /// <returns>Null when the caller came with a key.</returns>
    public static DashboardLink? Of(HttpContext http) => http.Items.TryGetValue(Key, out var link) ? (DashboardLink?)link : null;

    internal static void Set(HttpContext http, DashboardLink link) => http.Items[Key] = link;
}
