using System.Text.Json;
using DataPlatform.Ingestion.Preview;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A row of a quarantine file.</summary>
/// <param name="Number">In its batch, from 1.</param>
/// <param name="Line">Null where the format has no lines.</param>
/// <param name="Offset">Null where the format has none.</param>
/// <param name="Text">The whole line of the file; good until the next row is read.</param>
/// <param name="Raw">The row's own bytes; empty when they are withheld.</param>
/// <param name="IsTruncated">Only the start of it was kept.</param>
/// <param name="IsWithheld">Nothing of it was kept, for it may hold personal values.</param>
/// <param name="Header">The header row of its CSV file, on the first broken row only.</param>
/// <param name="Event">Stands for the CloudEvent that the row came as; null when it came as none, or as one that could not be read.</param>
internal sealed record QuarantinedRow(
    long Number, long? Line, long? Offset, ReadOnlyMemory<byte> Text, ReadOnlyMemory<byte> Raw, bool IsTruncated, bool IsWithheld, string? Header, string? Event,
    IReadOnlyList<BrokenValue> Errors)
{
    public static QuarantinedRow Parse(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var row = document.RootElement;
        var raw = row.TryGetProperty("rawBase64"u8, out var base64) ? base64.GetBytesFromBase64()
            : row.TryGetProperty("raw"u8, out var text) ? System.Text.Encoding.UTF8.GetBytes(text.GetString()!)
            : [];
        return new QuarantinedRow(
            row.GetProperty("row"u8).GetInt64(),
            row.TryGetProperty("line"u8, out var number) ? number.GetInt64() : null,
            row.TryGetProperty("offset"u8, out var offset) ? offset.GetInt64() : null,
            line,
            raw,
            row.TryGetProperty("truncated"u8, out _),
            row.TryGetProperty("withheld"u8, out _),
            row.TryGetProperty(QuarantineBuffer.HeaderMember, out var header) ? header.GetString() : null,
            row.TryGetProperty(QuarantineBuffer.EventMember, out var key) ? key.GetString() : null,
            [.. row.GetProperty("errors"u8).EnumerateArray().Select(BrokenRow.Error)]);
    }
}
