using System.Text.Json.Serialization;

namespace DataPlatform.Ingestion.Preview;

/// <summary>A row as its table would have it: a JSON object with the values of all columns, typed.</summary>
[JsonConverter(typeof(LoadedRowConverter))]
public sealed record LoadedRow(ReadOnlyMemory<byte> Json);
