namespace DataPlatform.Operations;

/// <summary>A table version that a step read.</summary>
/// <param name="IsNew">True when only the rows that came after <paramref name="After"/> were read.</param>
/// <param name="After">The table version up to which earlier runs had read; null when all was new.</param>
/// <param name="Version">The table version read.</param>
public sealed record RunInput(string Table, bool IsNew, long? After, long Version);
