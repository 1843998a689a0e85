using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Gateway;

/// <summary>An answer with a JSON body.</summary>
/// <param name="value">Written as <see cref="PlatformJson"/> has it; JSON as bytes goes out as it is.</param>
public sealed class JsonAnswer(int status, object value) : IResult
{
    /// <summary>Set on the response.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        // Small by nature (rows are streamed by answers of their own), so it is sent with its length.
        var body = value is ReadOnlyMemory<byte> bytes ? bytes : JsonSerializer.SerializeToUtf8Bytes(value, PlatformJson.Options);
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.XContentTypeOptions = "nosniff";
        foreach (var (name, text) in Headers)
            response.Headers[name] = text;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(httpContext.Request.Method))
            await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}
