using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>
/// Who may call the API. In Azure that takes a system key; the official local host asks nobody. Here it is open to programs of this machine
/// alone, or, where <c>LocalRuntime:ManagementKey</c> is set, to whoever shows that key, as <c>code</c> or <c>x-functions-key</c>.
/// </summary>
internal sealed class ManagementAccess(IConfiguration configuration)
{
    private const string Setting = "LocalRuntime:ManagementKey";

    public string? Key { get; } = configuration[Setting] is { Length: > 0 } key ? key : null;

    /// <exception cref="ManagementRefusedException">401.</exception>
    public void Check(HttpContext http)
    {
        if (Key is { } key)
        {
            if (!IsSame(key, http.Request.Headers["x-functions-key"].ToString()) & !IsSame(key, http.Request.Query["code"].ToString()))
                throw Refused("The management API wants its key: as 'code' in the query or as header 'x-functions-key'.");
        }
        else if (http.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
        {
            throw Refused($"The management API is open to programs of its own machine only. To call it from elsewhere, set {Setting}.");
        }
        else if (!IsLoopback(http.Request.Host.Host) || !IsOwnOrigin(http.Request))
        {
            // A page in a browser of this machine may be anybody's.
            throw Refused($"The management API takes no calls from web pages, and none under a foreign host name. To allow them, set {Setting}.");
        }
    }

    private static bool IsOwnOrigin(HttpRequest request) =>
        request.Headers.Origin is not [{ } origin] || string.Equals(origin, $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);

    // An empty name is that of a client older than HTTP/1.1, so no browser.
    private static bool IsLoopback(string host) =>
        host.Length == 0
        || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));

    // Hashed, so that neither content nor length shows in the time it takes.
    private static bool IsSame(string key, string given) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(key)), SHA256.HashData(Encoding.UTF8.GetBytes(given)));

    private static ManagementRefusedException Refused(string message) => new(StatusCodes.Status401Unauthorized, message);
}
