using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Gateway;

/// <summary>Finds the caller by the key in <c>x-api-key</c>, or sent as the password of Basic authentication with any user name.</summary>
public sealed class ApiKeys
{
    public const string Header = "x-api-key";
    private const string Basic = "Basic ";
    private const int MinLength = 16;

    /// <summary>No key is longer; longer ones are not looked at.</summary>
    private const int MaxLength = 512;

    private static readonly Caller Admin = new("admin", [ScopeMatcher.Admin]);

    private readonly byte[] _adminHash;

    /// <exception cref="TerminalException">The key that is set is too short to be a secret.</exception>
    public ApiKeys(IOptions<PlatformOptions> options)
    {
        var key = options.Value.AdminKey;
        if (key.Length is > 0 and < MinLength)
            throw new TerminalException(FailureKind.Invalid, "InvalidSetting", $"{PlatformOptions.Section}:{nameof(PlatformOptions.AdminKey)} has {key.Length} characters; a key needs at least {MinLength}.");

        Generated = key.Length == 0 ? "dp_admin_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) : null;
        _adminHash = SHA256.HashData(Encoding.UTF8.GetBytes(Generated ?? key));
    }

    /// <summary>The admin key when none is set; valid until the process ends.</summary>
    public string? Generated { get; }

    /// <exception cref="TerminalException"><c>Unauthenticated</c>: no key, or one that is not known.</exception>
    public Caller Authenticate(HttpRequest request) =>
        KeyIn(request) is { } key && IsAdmin(key)
            ? Admin
            : throw new TerminalException(FailureKind.Unauthenticated, "Unauthenticated", $"The request needs a valid key: send it in the header {Header}, or as the password of Basic authentication.", Header);

    private static string? KeyIn(HttpRequest request)
    {
        if (request.Headers[Header] is [{ Length: > 0 and <= MaxLength } key])
            return key;
        if (request.Headers.Authorization is not [{ Length: <= 2 * MaxLength } header] || !header.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
            return null;

        Span<byte> bytes = stackalloc byte[2 * MaxLength];
        if (!Convert.TryFromBase64String(header[Basic.Length..].Trim(), bytes, out var length))
            return null;

        var pair = Encoding.UTF8.GetString(bytes[..length]);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }

    // Hashes have one length and say nothing of the key, so comparing them in constant time gives nothing away.
    private bool IsAdmin(string key) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(key)), _adminHash);
}
