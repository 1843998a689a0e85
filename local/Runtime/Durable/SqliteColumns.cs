using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>How values look in columns: times as UTC ticks, structures as JSON.</summary>
internal static class SqliteColumns
{
    public static string? Text(this SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    public static DateTimeOffset Time(this SqliteDataReader reader, int column) => new(reader.GetInt64(column), TimeSpan.Zero);

    public static T? Json<T>(this SqliteDataReader reader, int column)
        where T : class => reader.IsDBNull(column) ? null : JsonSerializer.Deserialize<T>(reader.GetString(column));

    public static string? ToJson(object? value) => value is null ? null : JsonSerializer.Serialize(value);
}
