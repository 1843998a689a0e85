using System.Buffers;
using System.Globalization;
using DataPlatform.Failures;
using DataPlatform.Gateway;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Files;

/// <summary>Writes and deletes objects of the zone <c>files</c>.</summary>
public sealed class LakeWriter(IObjectStore objects)
{
    private const int BufferSize = 128 << 10;
    private const int MaxTypeLength = 255;

    /// <param name="path">As in the address, decoded.</param>
    /// <returns>201 for a new object, 200 for a replaced one.</returns>
    /// <exception cref="TerminalException">400, 403, 409, 412, 413, 415.</exception>
    public async Task<IResult> PutAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        _ = new QueryOptions(request);
        var location = LakeAddress.LocateFile(path);
        var condition = Preconditions.Read(request);
        var (type, metadata) = (TypeOf(request), UserMetadata.Read(request.Headers));
        using var digest = new ContentDigest(request.Headers);

        // Before the body is read: who has the wrong ETag need not send it.
        var before = await objects.GetInfoAsync(location, cancellationToken);
        if ((condition.MustBeAbsent && before is not null) || (condition.ETag is { } etag && etag != before?.ETag))
            throw Refused(path, condition);

        await using var target = await objects.OpenWriteAsync(location, condition, type, metadata, cancellationToken);
        await CopyAsync(request.Body, target, digest, cancellationToken);
        var sha256 = digest.Check();
        var info = await target.CompleteAsync(cancellationToken) ?? throw Refused(path, condition);
        return Answer(before is null ? StatusCodes.Status201Created : StatusCodes.Status200OK, info, sha256);
    }

    /// <exception cref="TerminalException">400, 403, 404, 412.</exception>
    public async Task<IResult> DeleteAsync(HttpRequest request, string path, CancellationToken cancellationToken)
    {
        var location = LakeAddress.LocateFile(path);
        var etag = Preconditions.ReadETag(request);
        if (await objects.TryDeleteAsync(location, etag, cancellationToken))
            return new EmptyAnswer(StatusCodes.Status204NoContent);
        throw etag is null || await objects.GetInfoAsync(location, cancellationToken) is null
            ? LakeReader.NotFound(path)
            : Refused(path, PutCondition.IfMatch(etag));
    }

    internal static IResult Answer(int status, ObjectInfo info, string? sha256) =>
        new JsonAnswer(status, LakeEntry.Of(info) with { Sha256 = sha256 })
        {
            Headers = new Dictionary<string, string> { ["ETag"] = $"\"{info.ETag}\"", ["Last-Modified"] = ObjectHeaders.Time(info) },
        };

    internal static TerminalException Refused(string path, PutCondition condition) => condition.MustBeAbsent
        ? new(FailureKind.PreconditionFailed, "ObjectExists", $"There is an object '{path}' already: leave out If-None-Match to replace it.", "If-None-Match")
        : new(FailureKind.PreconditionFailed, "ObjectChanged", $"'{path}' is no longer what your ETag names: read it again.", "If-Match");

    private static string? TypeOf(HttpRequest request)
    {
        if (request.Headers.ContentRange.Count > 0)
            throw new TerminalException(FailureKind.Invalid, "PartialWrite", "An object is written whole: leave out Content-Range.", "Content-Range");
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new TerminalException(
                FailureKind.UnsupportedMediaType,
                "EncodingNotKept",
                "An object is its bytes and a type, and has no Content-Encoding: name the compressed type, such as application/gzip.",
                "Content-Encoding");
        }

        if (string.IsNullOrEmpty(request.ContentType))
            return null;
        return request.ContentType.Length <= MaxTypeLength && MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type is { MatchesAllTypes: false, MatchesAllSubTypes: false }
            && !request.ContentType.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? request.ContentType
            : throw new TerminalException(
                FailureKind.Invalid, "InvalidContentType", string.Create(CultureInfo.InvariantCulture, $"Content-Type must be a media type of at most {MaxTypeLength} characters."), "Content-Type");
    }

    private static async Task CopyAsync(Stream body, ObjectWriteStream target, ContentDigest digest, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                digest.Append(buffer.AsSpan(0, read));
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
