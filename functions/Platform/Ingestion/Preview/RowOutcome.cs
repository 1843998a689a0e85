namespace DataPlatform.Ingestion.Preview;

/// <summary>What becomes of a row, and why.</summary>
/// <param name="Broken">What is wrong with it; null unless it goes to quarantine.</param>
internal readonly record struct RowOutcome(long Row, RowFate Fate, BrokenRow? Broken)
{
    private static readonly IReadOnlyList<BrokenValue> LeftOut = [new BrokenValue(null, "left_out", "The row is discarded, or its key is there already.", null)];

    /// <summary>The row as the table would have it, when it loads; valid until the next row is asked for.</summary>
    public ReadOnlyMemory<byte> Values { get; init; }

    public bool Loads => Fate == RowFate.Loads;

    /// <summary>Why it does not load.</summary>
    public IReadOnlyList<BrokenValue> Causes => Broken?.Errors ?? LeftOut;
}
