using System.Globalization;
using System.Text.Json;
using Microsoft.DurableTask.Client;

namespace DataPlatform.Local.Runtime.Durable.Management;

/// <summary>An instance as the API shows it.</summary>
internal static class InstanceDocument
{
    public static void Write(Utf8JsonWriter json, OrchestrationMetadata instance, bool showInput, Action<Utf8JsonWriter>? history = null)
    {
        json.WriteStartObject();
        json.WriteString("name", instance.Name);
        json.WriteString("instanceId", instance.InstanceId);
        json.WriteString("runtimeStatus", instance.RuntimeStatus.ToString());
        WritePayload(json, "input", showInput ? instance.SerializedInput : null);
        WritePayload(json, "customStatus", instance.SerializedCustomStatus);
        WritePayload(json, "output", instance.SerializedOutput);
        json.WriteString("createdTime", Seconds(instance.CreatedAt));
        json.WriteString("lastUpdatedTime", Seconds(instance.LastUpdatedAt));
        history?.Invoke(json);
        json.WriteEndObject();
    }

    /// <summary>Payloads are JSON, but a reason or the message of a failure is bare text.</summary>
    public static void WritePayload(Utf8JsonWriter json, string name, string? data)
    {
        json.WritePropertyName(name);
        WritePayload(json, data);
    }

    public static void WritePayload(Utf8JsonWriter json, string? data)
    {
        if (data is null) json.WriteNullValue();
        else if (!TryWriteJson(json, data)) json.WriteStringValue(data.Trim());
    }

    private static bool TryWriteJson(Utf8JsonWriter json, string data)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(data);
            ManagementBody.RequireText(document.RootElement);
            document.RootElement.WriteTo(json);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
