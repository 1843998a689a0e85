using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Failures;
using DataPlatform.Lake;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>Addresses of the platform's own that give the right to write one upload's bytes until they expire. Their signatures are made with a random key, which
/// storage keeps for all instances.</summary>
public sealed class UploadAddresses(IRowStore rows)
{
    public const string ExpiresOption = "se";
    public const string SignatureOption = "sig";

    private const string RowTable = "secrets";
    private static readonly RowKey Key = new("uploads", "addresses");

    private byte[]? _secret;

    /// <returns>Without scheme and host; a secret.</returns>
    public async Task<string> CreateAsync(Upload upload, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        var until = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"{UploadInfo.AddressOf(upload)}/body?{ExpiresOption}={until}&{SignatureOption}={Base64Url.EncodeToString(await SignAsync(upload.Dataset, upload.Id, until, cancellationToken))}";
    }

    /// <param name="until">The option <c>se</c>.</param>
    /// <param name="signature">The option <c>sig</c>.</param>
    /// <exception cref="TerminalException"><c>Unauthenticated</c> without a signature, <c>AuthenticationFailed</c> when it is not that of this address,
    /// <c>UploadExpired</c> when its time is over.</exception>
    public async Task CheckAsync(string dataset, string id, string? until, string? signature, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (until is null || signature is null)
            throw new TerminalException(FailureKind.Unauthenticated, "Unauthenticated", "The address has no signature: take the one that the upload session was answered with.", SignatureOption);

        var sent = new byte[HMACSHA256.HashSizeInBytes];
        var known = await SignAsync(dataset, id, until, cancellationToken);
        var readable = Base64Url.IsValid(signature, out var length) && length == sent.Length && Base64Url.DecodeFromChars(signature, sent) == sent.Length;
        if (!CryptographicOperations.FixedTimeEquals(sent, known) || !readable)
            throw new TerminalException(FailureKind.Forbidden, "AuthenticationFailed", "The signature is not that of this address: take it as the upload session was answered with.", SignatureOption);
        if (long.Parse(until, CultureInfo.InvariantCulture) <= now.ToUnixTimeSeconds())
            throw new TerminalException(FailureKind.Gone, UploadFailures.Expired, "The address has expired: begin another upload session.", ExpiresOption);
    }

    private async Task<byte[]> SignAsync(string dataset, string id, string until, CancellationToken cancellationToken)
    {
        _secret ??= await LoadAsync(cancellationToken);
        return HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"upload\n{dataset}\n{id}\n{until}"));
    }

    private async Task<byte[]> LoadAsync(CancellationToken cancellationToken)
    {
        var row = await rows.GetAsync<byte[]>(RowTable, Key, cancellationToken)
            ?? await rows.TryInsertAsync<byte[]>(RowTable, Key, RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes), cancellationToken)
            ?? await rows.GetAsync<byte[]>(RowTable, Key, cancellationToken);
        return row?.Value ?? throw new TransientException("The key of upload addresses could not be read.");
    }
}
