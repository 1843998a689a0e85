using System.Buffers.Text;
using System.Security.Cryptography;
using DataPlatform.Failures;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Files;

/// <summary>Hashes a body while it passes and compares it with what its sender said: <c>Content-MD5</c> (base64) or
/// <c>Content-Digest: sha-256=:base64:</c> (RFC 9530, whose other algorithms are passed over).</summary>
internal sealed class ContentDigest : IDisposable
{
    private const string Md5Header = "Content-MD5";
    private const string DigestHeader = "Content-Digest";
    private const string Sha256Start = "sha-256=:";

    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? _md5;
    private readonly byte[]? _expectedMd5;
    private readonly byte[]? _expectedSha256;

    /// <exception cref="TerminalException"><c>InvalidDigest</c>.</exception>
    public ContentDigest(IHeaderDictionary headers)
    {
        _expectedMd5 = headers.ContentMD5 is { Count: > 0 } md5 ? Decode(md5.ToString(), MD5.HashSizeInBytes, Md5Header) : null;
        _md5 = _expectedMd5 is null ? null : IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var member in headers[DigestHeader].SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)))
        {
            if (member.StartsWith(Sha256Start, StringComparison.OrdinalIgnoreCase))
                _expectedSha256 = Decode(member[Sha256Start.Length..].TrimEnd(':'), SHA256.HashSizeInBytes, DigestHeader);
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _sha256.AppendData(bytes);
        _md5?.AppendData(bytes);
    }

    /// <returns>The SHA-256 in lowercase hex.</returns>
    /// <exception cref="TerminalException"><c>DigestMismatch</c>.</exception>
    public string Check()
    {
        var sha256 = _sha256.GetHashAndReset();
        if (_expectedSha256 is not null && !sha256.AsSpan().SequenceEqual(_expectedSha256))
            throw Mismatch(DigestHeader);
        if (_md5 is not null && !_md5.GetHashAndReset().AsSpan().SequenceEqual(_expectedMd5))
            throw Mismatch(Md5Header);
        return Convert.ToHexStringLower(sha256);
    }

    public void Dispose()
    {
        _sha256.Dispose();
        _md5?.Dispose();
    }

    private static byte[] Decode(string text, int length, string header)
    {
        var bytes = new byte[length];
        return Base64.IsValid(text) && Convert.TryFromBase64String(text, bytes, out var written) && written == length
            ? bytes
            : throw new TerminalException(
                FailureKind.Invalid, "InvalidDigest", $"The header {header} does not hold {length} bytes in base64.", header);
    }

    private static TerminalException Mismatch(string header) => new(
        FailureKind.Invalid, "DigestMismatch", $"The body is not the one that {header} speaks of: nothing was stored. Send it again.", header);
}
