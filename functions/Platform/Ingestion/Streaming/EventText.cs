using System.Buffers;

namespace DataPlatform.Ingestion.Streaming;

/// <summary>Events as the raw zone keeps them, one a line.</summary>
/// <param name="Bytes">UTF-8, as far as the events are.</param>
/// <param name="Offsets">Where each begins.</param>
internal sealed record EventText(ReadOnlyMemory<byte> Bytes, IReadOnlyList<long> Offsets)
{
    private static readonly SearchValues<byte> LineBreaks = SearchValues.Create("\r\n"u8);

    /// <param name="isArray">As elements of a JSON array; otherwise as NDJSON.</param>
    public static EventText Of(IReadOnlyList<EventRow> rows, bool isArray)
    {
        var offsets = new long[rows.Count];
        var bytes = new byte[rows.Sum(row => row.Text.Length + 2) + 2];
        var end = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            if (isArray)
                bytes[end++] = (byte)(i == 0 ? '[' : ',');
            offsets[i] = end;
            rows[i].Text.Span.CopyTo(bytes.AsSpan(end));

            // Within JSON a line break is white space only: a text of one line says the same.
            bytes.AsSpan(end, rows[i].Text.Length).ReplaceAny(LineBreaks, (byte)' ');
            end += rows[i].Text.Length;
            bytes[end++] = (byte)'\n';
        }

        if (isArray)
            bytes[end++] = (byte)']';
        return new EventText(bytes.AsMemory(0, end), offsets);
    }
}
