using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Local.EventHubs.Security;

/// <summary>A token that a client has signed with a shared key: for what, until when.</summary>
/// <param name="Resource">What it is for, decoded: <c>sb://host/hub</c>.</param>
/// <param name="Expires">UTC.</param>
internal sealed record SharedAccessSignature(string Resource, DateTimeOffset Expires)
{
    private const string Scheme = "SharedAccessSignature ";

    /// <summary>Reads and checks a token.</summary>
    /// <returns>Null when it has not the right form, is for another key, is signed wrongly, or has expired.</returns>
    public static SharedAccessSignature? Verify(string token, SharedAccessKey key, DateTimeOffset now)
    {
        if (!token.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in token[Scheme.Length..].Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !parts.TryAdd(part[..equals], part[(equals + 1)..]))
                return null;
        }

        if (!parts.TryGetValue("sr", out var resource) || !parts.TryGetValue("sig", out var signature) ||
            !parts.TryGetValue("se", out var expires) || !parts.TryGetValue("skn", out var name) ||
            !long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return null;
        }

        // Over the resource as it stands in the token, encoded as its client encodes.
        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Key), Encoding.UTF8.GetBytes($"{resource}\n{expires}"));
        var isSigned = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Convert.ToBase64String(expected)), Encoding.UTF8.GetBytes(Uri.UnescapeDataString(signature)));
        var until = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return isSigned && Uri.UnescapeDataString(name) == key.Name && until > now ? new SharedAccessSignature(Uri.UnescapeDataString(resource), until) : null;
    }

    /// <summary>Signs a token, as clients do.</summary>
    public static string Sign(string resource, SharedAccessKey key, DateTimeOffset expires)
    {
        var encoded = Uri.EscapeDataString(resource);
        var seconds = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Key), Encoding.UTF8.GetBytes($"{encoded}\n{seconds}"));
        return $"{Scheme}sr={encoded}&sig={Uri.EscapeDataString(Convert.ToBase64String(signature))}&se={seconds}&skn={Uri.EscapeDataString(key.Name)}";
    }

    /// <summary>Whether it is good for a path of the namespace (<c>hub/Partitions/0</c>): for it, or for what it lies under.</summary>
    public bool Covers(string path)
    {
        var own = PathOf(Resource);
        return own.Length == 0 || path.Equals(own, StringComparison.OrdinalIgnoreCase) ||
            (path.Length > own.Length && path[own.Length] == '/' && path.StartsWith(own, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What stands behind the host of an address, without slashes around it.</summary>
    public static string PathOf(string address)
    {
        var rest = address.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? address[(scheme + 3)..] : address;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? "" : rest[slash..].Trim('/');
    }
}
