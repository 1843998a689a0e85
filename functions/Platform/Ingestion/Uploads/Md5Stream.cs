using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using DataPlatform.Failures;
using DataPlatform.Ingestion.Readers;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>A body that must have the MD5 which its sender announced; the end is not reached otherwise. As the blob service has it, against damage on the way.</summary>
internal sealed class Md5Stream : InputStream
{
    private readonly Stream _body;
    private readonly byte[] _announced;
    private readonly IncrementalHash _hash;
    private bool _ended;

    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "The protocol names it; it guards against accidents only.")]
    private Md5Stream(Stream body, byte[] announced)
    {
        _body = body;
        _announced = announced;
        _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    }

    /// <param name="contentMd5">The header <c>Content-MD5</c>; null when nothing is announced.</param>
    /// <exception cref="TerminalException"><c>InvalidMd5</c>; reading gives <c>Md5Mismatch</c>.</exception>
    public static Stream Check(Stream body, string? contentMd5)
    {
        if (contentMd5 is null)
            return body;
        var announced = new byte[MD5.HashSizeInBytes];
        return Convert.TryFromBase64String(contentMd5, announced, out var length) && length == announced.Length
            ? new Md5Stream(body, announced)
            : throw new TerminalException(FailureKind.Invalid, "InvalidMd5", "Content-MD5 must be the 16 bytes of an MD5 in base64.", "Content-MD5");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await _body.ReadAsync(buffer, cancellationToken);
        _hash.AppendData(buffer.Span[..read]);
        if (read > 0 || buffer.IsEmpty || _ended)
            return read;
        _ended = true;
        if (!_hash.GetCurrentHash().AsSpan().SequenceEqual(_announced))
            throw new TerminalException(FailureKind.Invalid, "Md5Mismatch", "The body does not have the MD5 that Content-MD5 says: it was damaged on the way. Nothing was stored; send it again.", "Content-MD5");
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _hash.Dispose();
        base.Dispose(disposing);
    }
}
