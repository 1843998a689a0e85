using System.Globalization;
using DataPlatform.Lake;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Files;

/// <summary>The headers that go with an object. Its type is its writer's word, so browsers are told to trust nothing: they do not guess, run
/// nothing, and save what is not plainly passive.</summary>
internal static class ObjectHeaders
{
    private static readonly HashSet<string> Passive = new(StringComparer.OrdinalIgnoreCase)
    {
        "text/plain", "text/csv", "application/json", "application/x-ndjson", "image/png", "image/jpeg", "image/gif", "image/webp",
    };

    /// <summary>What <c>304</c> has, too.</summary>
    public static void SetValidators(HttpResponse response, ObjectInfo info)
    {
        response.Headers.ETag = $"\"{info.ETag}\"";
        response.Headers.LastModified = Time(info);
        response.Headers.CacheControl = "private, no-cache";
    }

    public static void SetAll(HttpResponse response, ObjectInfo info)
    {
        SetValidators(response, info);
        var headers = response.Headers;
        response.ContentType = info.ContentType ?? "application/octet-stream";
        headers.AcceptRanges = "bytes";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        if (!MediaTypeHeaderValue.TryParse(info.ContentType, out var type) || !Passive.Contains(type.MediaType.ToString()))
        {
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(info.Path.FileName);
            headers.ContentDisposition = disposition.ToString();
        }

        foreach (var (name, value) in info.Metadata ?? new Dictionary<string, string>())
            headers[UserMetadata.Prefix + name] = value;
    }

    public static string Time(ObjectInfo info) => info.LastModified.ToString("R", CultureInfo.InvariantCulture);
}
