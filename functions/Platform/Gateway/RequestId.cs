using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>The id of a request in <c>x-ms-request-id</c>: the caller's when it is a plain token, else a fresh one.</summary>
public static class RequestId
{
    public const string Header = "x-ms-request-id";
    private const int MaxLength = 64;
    private static readonly object Key = new();
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    public static string Of(HttpContext http)
    {
        if (http.Items.TryGetValue(Key, out var known) && known is string id)
            return id;

        var given = http.Request.Headers[Header];
        id = given is [{ Length: > 0 and <= MaxLength } token] && !token.AsSpan().ContainsAnyExcept(Allowed)
            ? token
            : Guid.NewGuid().ToString("N");
        http.Items[Key] = id;
        return id;
    }

    /// <summary>Puts the id on the response.</summary>
    public static void Set(HttpContext http) => http.Response.Headers[Header] = Of(http);
}
