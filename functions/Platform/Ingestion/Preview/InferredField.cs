using System.Text.Json;

namespace DataPlatform.Ingestion.Preview;

/// <summary>What speaks for a field of an inferred contract.</summary>
/// <param name="Source">The input's name.</param>
/// <param name="Values">Values that are there.</param>
/// <param name="Nulls">Rows without a value.</param>
/// <param name="Misfits">Values that are not of the type.</param>
/// <param name="Seen">Values by the narrowest type that takes each.</param>
/// <param name="Min">Smallest value of the type; null when it has no order or there is none.</param>
/// <param name="Max">Largest value of the type.</param>
/// <param name="Unique">Whether no value comes twice.</param>
public sealed record InferredField(
    string Name,
    string Source,
    string Type,
    long Values,
    long Nulls,
    long Misfits,
    IReadOnlyDictionary<string, long> Seen,
    IReadOnlyList<string> Examples,
    JsonElement? Min,
    JsonElement? Max,
    bool Unique);
