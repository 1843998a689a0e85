using System.Text.Json;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>How structures look in columns.</summary>
internal static class SqliteColumns
{
    public static string? ToJson(object? value) => value is null ? null : JsonSerializer.Serialize(value);
}
