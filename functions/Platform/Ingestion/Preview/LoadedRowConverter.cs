using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Writes a row's JSON as it is: values of type <c>json</c> may be nested deeper than the serializer goes.</summary>
internal sealed class LoadedRowConverter : JsonConverter<LoadedRow>
{
    public override LoadedRow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, LoadedRow value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Json.Span, skipInputValidation: true);
}
