using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>Reads the JSON that a request brings for an orchestration.</summary>
internal static class ManagementBody
{
    /// <summary>Above any payload that the engine takes; larger bodies are not even read.</summary>
    private const long MaxBytes = 32 * 1024 * 1024;

    public static bool IsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase);

    /// <returns>Null for JSON's null, and for no body where that is allowed.</returns>
    /// <exception cref="ManagementRefusedException">400.</exception>
    public static async Task<JsonElement?> ReadAsync(HttpRequest request, bool optional)
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxBytes;
        using MemoryStream body = new();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        if (optional && body.Length == 0) return null;
        try
        {
            body.Position = 0;
            using JsonDocument document = await JsonDocument.ParseAsync(body, cancellationToken: request.HttpContext.RequestAborted);
            RequireText(document.RootElement);
            return document.RootElement.ValueKind == JsonValueKind.Null ? null : document.RootElement.Clone();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ManagementRefusedException(StatusCodes.Status400BadRequest, "Invalid JSON content") { Detail = exception.Message };
        }
    }

    /// <exception cref="InvalidOperationException">It holds something that is none.</exception>
    /// <remarks>JSON may hold half of a character (<c>"\ud800"</c>), which is no text and fails only when it is used.</remarks>
    public static void RequireText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray()) RequireText(item);
                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    RequireText(property.Value);
                }

                break;
            default:
                break;
        }
    }
}
