using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace DataPlatform.Gateway;

/// <summary>
/// Signs links to dashboards and reads them. A token is its link as JSON, in base64url, a point, and the HMAC-SHA256 of that text. Nothing is stored of it: it
/// ends by its time, or when the setting <c>EmbedKey</c> changes.
/// </summary>
public sealed class DashboardLinks(IOptions<PlatformOptions> options, TimeProvider time)
{
    public const string Header = "x-dashboard-token";
    private const int MinKeyLength = 32;

    /// <summary>No token is longer; longer ones are not looked at.</summary>
    private const int MaxLength = 4096;

    /// <summary>Stands before what is signed, so that a signature made for something else never fits.</summary>
    private const string Purpose = "dashboard link\n";

    /// <exception cref="TerminalException"><c>EmbedKeyMissing</c> (501): the setting is not there. <c>LinkTooLong</c>.</exception>
    public string Create(DashboardLink link)
    {
        if (options.Value.EmbedKey.Length < MinKeyLength)
            throw new TerminalException(FailureKind.NotImplemented, "EmbedKeyMissing", $"Links are signed with the setting {PlatformOptions.Section}:{nameof(PlatformOptions.EmbedKey)}, a secret of at least {MinKeyLength} characters: have it set.", nameof(PlatformOptions.EmbedKey));

        var content = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(link, PlatformJson.Options));
        var token = $"{content}.{Base64Url.EncodeToString(Sign(content))}";
        return token.Length <= MaxLength
            ? token
            : throw new TerminalException(FailureKind.Invalid, "LinkTooLong", "A link with so many filter values is too long for an address: take fewer.", "$.filters");
    }

    /// <summary>Whoever sends the token of a link may read its dashboard.</summary>
    /// <returns>Null when the request has none.</returns>
    /// <exception cref="TerminalException"><c>LinkInvalid</c>, <c>LinkExpired</c> (401).</exception>
    public Caller? Authenticate(HttpContext http)
    {
        if (http.Request.Headers[Header] is not [{ } token])
            return null;

        var link = Read(token);
        DashboardLink.Set(http, link);
        return new Caller($"link:{link.Dashboard}", [$"read:dashboard/{link.Dashboard}"]);
    }

    private DashboardLink Read(string token)
    {
        var point = token.IndexOf('.', StringComparison.Ordinal);
        if (token.Length > MaxLength || point < 0 || options.Value.EmbedKey.Length < MinKeyLength || !IsSigned(token[..point], token[(point + 1)..]))
            throw new TerminalException(FailureKind.Unauthenticated, "LinkInvalid", "This link is not one of ours, or was cut off: ask for a new one.", Header);

        var link = JsonSerializer.Deserialize<DashboardLink>(Base64Url.DecodeFromChars(token.AsSpan(0, point)), PlatformJson.Options)!;
        return link.Expires > time.GetUtcNow()
            ? link
            : throw new TerminalException(FailureKind.Unauthenticated, "LinkExpired", $"This link ended at {link.Expires:yyyy-MM-dd HH:mm} UTC: ask for a new one.", Header);
    }

    private bool IsSigned(string content, string signature)
    {
        Span<byte> given = stackalloc byte[SHA256.HashSizeInBytes];
        return Base64Url.IsValid(signature, out var length)
            && length == given.Length
            && Base64Url.TryDecodeFromChars(signature, given, out _)
            && CryptographicOperations.FixedTimeEquals(given, Sign(content));
    }

    private byte[] Sign(string content) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Value.EmbedKey), Encoding.UTF8.GetBytes(Purpose + content));
}
