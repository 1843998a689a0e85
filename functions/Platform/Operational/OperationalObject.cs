using System.Text.Json;

namespace DataPlatform.Operational;

/// <summary>A row that is too large for the row store.</summary>
/// <param name="Key">In address form.</param>
/// <param name="Values">The row as an answer has it; null of deleted ones.</param>
internal sealed record OperationalObject(string Key, JsonElement? Values);
