using System.Text.Json;

namespace DataPlatform.Ingestion.Preview;

/// <summary>A row of the quarantine, as <c>QuarantineBuffer</c> writes it, without its text.</summary>
/// <param name="Line">Null where the format has no lines.</param>
/// <param name="Offset">Null where the format has none.</param>
internal sealed record BrokenRow(long Row, long? Line, long? Offset, IReadOnlyList<BrokenValue> Errors)
{
    /// <param name="lines">NDJSON.</param>
    public static IEnumerable<BrokenRow> ReadAll(ReadOnlyMemory<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var end = lines.Span.IndexOf((byte)'\n');
            var line = end < 0 ? lines : lines[..end];
            lines = end < 0 ? default : lines[(end + 1)..];
            yield return Read(line);
        }
    }

    private static BrokenRow Read(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var row = document.RootElement;
        return new BrokenRow(
            row.GetProperty("row"u8).GetInt64(),
            row.TryGetProperty("line"u8, out var number) ? number.GetInt64() : null,
            row.TryGetProperty("offset"u8, out var offset) ? offset.GetInt64() : null,
            [.. row.GetProperty("errors"u8).EnumerateArray().Select(Error)]);
    }

    /// <summary>One of the row's errors.</summary>
    internal static BrokenValue Error(JsonElement error) => new(
        error.TryGetProperty("column"u8, out var column) ? column.GetString() : null,
        error.GetProperty("rule"u8).GetString()!,
        error.GetProperty("message"u8).GetString()!,
        error.TryGetProperty("value"u8, out var value) ? value.GetString() : null);
}
