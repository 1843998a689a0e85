using System.Buffers;
using System.Text.Json;

namespace DataPlatform.Catalog;

/// <summary>
/// What the catalog's objects hold: the document in an envelope. A deleted document leaves its envelope behind, so that its
/// definition versions go on counting.
/// </summary>
/// <param name="Version">The definition version; 0 when there never was a document under the name.</param>
/// <param name="Deleted">Null for a live document.</param>
/// <param name="Document">The JSON as it was put; empty when deleted.</param>
internal sealed record StoredDocument(
    long Version, DateTimeOffset Created, DateTimeOffset Updated, DateTimeOffset? Deleted, ReadOnlyMemory<byte> Document)
{
    public bool IsLive => Deleted is null;

    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(Document.Length + 256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteString("created", Created);
            writer.WriteString("updated", Updated);
            if (Deleted is { } deleted)
                writer.WriteString("deleted", deleted);
            if (IsLive)
            {
                writer.WritePropertyName("document");
                writer.WriteRawValue(Document.Span);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="JsonException">The bytes are not an envelope.</exception>
    public static StoredDocument Parse(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        var root = json.RootElement;
        DateTimeOffset? deleted = root.TryGetProperty("deleted", out var at) ? at.GetDateTimeOffset() : null;
        return new StoredDocument(
            root.GetProperty("version").GetInt64(),
            root.GetProperty("created").GetDateTimeOffset(),
            root.GetProperty("updated").GetDateTimeOffset(),
            deleted,
            deleted is null ? System.Text.Encoding.UTF8.GetBytes(root.GetProperty("document").GetRawText()) : default);
    }
}
