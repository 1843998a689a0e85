using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPlatform.Ingestion.Readers;

/// <summary>How values of formats that are no text are written as JSON.</summary>
internal static class JsonRow
{
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
}
