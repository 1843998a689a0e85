using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;

namespace DataPlatform.Local.Runtime.Durable;

/// <summary>The JSON of the official worker's default serializer: names ignore case when read, fields and tuples don't travel.</summary>
internal static class DurableJson
{
    public static DataConverter Converter { get; } = new JsonDataConverter(new JsonSerializerOptions { PropertyNameCaseInsensitive = true });
}
