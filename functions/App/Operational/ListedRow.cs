using System.Text.Json;

namespace DataPlatform.App.Operational;

/// <summary>A row in a list.</summary>
/// <param name="Key">As it stands in addresses.</param>
/// <param name="ETag">Without quotes.</param>
public sealed record ListedRow(string Key, string ETag, JsonElement Row);
