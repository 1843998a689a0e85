using DataPlatform.Lake;

namespace DataPlatform.Operational;

/// <summary>A change of one key.</summary>
/// <param name="Key">As it stands in the address, percent-decoded.</param>
/// <param name="Condition">Of the row's ETag.</param>
/// <param name="Caller">Who sends it: the name of the key or identity, never the key itself.</param>
/// <param name="Body">A JSON object; nothing for a deletion.</param>
public sealed record OperationalWrite(
    string Dataset, string Key, PutCondition Condition, string Caller, string? ContentType, ReadOnlyMemory<byte> Body);
