namespace DataPlatform.Operations;

/// <summary>What a refresh of a mart is asked to compute besides what its source's commits touched.</summary>
public sealed record RefreshWish
{
    /// <summary>The whole mart.</summary>
    public bool All { get; init; }

    /// <summary>These partitions: each has a value, as text, for every column of the mart's <c>partitionBy</c>. Null for none.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string?>>? Partitions { get; init; }

    /// <summary>The partitions from this value on of the first column of <c>partitionBy</c>; null for none.</summary>
    public string? From { get; init; }

    /// <summary>The end of <see cref="From"/>, which is not in it any more.</summary>
    public string? To { get; init; }

    /// <summary>Nothing is written: the mart is computed whole and compared with what it holds.</summary>
    public bool Verify { get; init; }
}
