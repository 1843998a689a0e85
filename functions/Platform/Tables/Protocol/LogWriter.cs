using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPlatform.Tables.Protocol;

/// <summary>Writes the files of a log: newline-delimited JSON, one action a line.</summary>
internal static class LogWriter
{
    // The log is read by JSON parsers only, never put into a page: text stays readable.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(IEnumerable<LogLine> lines)
    {
        using var buffer = new MemoryStream();
        using var writer = new Utf8JsonWriter(buffer, Options);
        foreach (var line in lines)
        {
            JsonSerializer.Serialize(writer, line, ProtocolJson.Default.LogLine);
            writer.Flush();
            buffer.WriteByte((byte)'\n');
            writer.Reset();
        }

        return buffer.ToArray();
    }
}
