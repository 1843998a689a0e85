using System.Buffers;
using System.Text.Json;
using DataPlatform.Ingestion.Readers;
using DataPlatform.Ingestion.Values;

namespace DataPlatform.Ingestion.Preview;

/// <summary>Shows the rows of a block as JSON, one after the other.</summary>
internal sealed class BlockCursor(RowBlock block)
{
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly int[] _next = new int[block.Columns.Count];
    private int _row;

    /// <returns>Valid until the next call.</returns>
    public ReadOnlyMemory<byte> Next()
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json, JsonRow.Options))
            BlockRows.Write(writer, block, _row++, _next);
        return _json.WrittenMemory;
    }
}
