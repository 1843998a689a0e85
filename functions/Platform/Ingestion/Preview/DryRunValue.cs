using System.Text.Json;

namespace DataPlatform.Ingestion.Preview;

/// <summary>A value that would change.</summary>
/// <param name="Batch">Its batch's id.</param>
/// <param name="Before">As the table has it; left out, like <paramref name="After"/>, when the proposed contract protects it as personal.</param>
public sealed record DryRunValue(string Batch, long Row, JsonElement? Before, JsonElement? After);
