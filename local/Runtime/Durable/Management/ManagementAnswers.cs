using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>Writes JSON answers.</summary>
internal static class ManagementAnswers
{
    // Not for HTML: characters stay as they are.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task AnswerAsync(this HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        Start(http, status);
        await using Utf8JsonWriter json = new(http.Response.Body, Plain);
        write(json);
        await json.FlushAsync(http.RequestAborted);
    }

    /// <summary>Sends one item at a time.</summary>
    public static async Task AnswerAsync<T>(this HttpContext http, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        Start(http, StatusCodes.Status200OK);
        await using Utf8JsonWriter json = new(http.Response.Body, Plain);
        json.WriteStartArray();
        foreach (T item in items)
        {
            write(json, item);
            await json.FlushAsync(http.RequestAborted);
        }

        json.WriteEndArray();
    }

    public static Task ErrorAsync(this HttpContext http, int status, string message, string? detail = null) => http.AnswerAsync(status, json =>
    {
        json.WriteStartObject();
        json.WriteString("Message", message);
        if (detail is not null) json.WriteString("ExceptionMessage", detail);
        json.WriteEndObject();
    });

    private static void Start(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
    }
}
