using System.Text.Json;
using DuckDB.NET.Data;

namespace DataPlatform.Serving.Warehouse;

/// <summary>What a worker tells of its engine's errors.</summary>
internal static class WorkerFailures
{
    public const string OutOfMemory = "Out of Memory";

    /// <summary>The kind of failures whose words are ours.</summary>
    public const string Ours = "Query";

    /// <summary>Names, in an exception's data, the bytes that stood before the caller's SQL.</summary>
    public const string Before = "before";

    /// <summary>The engine tells of errors in JSON, with the position, when it is set so.</summary>
    public static WorkerFailure Of(DuckDBException exception)
    {
        var text = exception.Message;
        var start = text.IndexOf('{', StringComparison.Ordinal);
        if (start is >= 0 and < 64)
        {
            try
            {
                using var json = JsonDocument.Parse(text[start..]);
                var error = json.RootElement;
                return new WorkerFailure(
                    error.GetProperty("exception_type").GetString()!,
                    error.GetProperty("exception_message").GetString()!,
                    error.TryGetProperty("position", out var position) && int.TryParse(position.GetString(), out var at) && exception.Data[Before] is int before
                        ? at - before
                        : null);
            }
            catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                // Not one of those in JSON, such as the parser's.
            }
        }

        var parts = text.Split(" Error: ", 2);
        return parts.Length == 2 ? new WorkerFailure(parts[0], parts[1]) : new WorkerFailure("INTERNAL", text);
    }
}
