namespace DataPlatform.Sql.Maintenance;

/// <summary>How small files are brought together. Sizes in bytes.</summary>
public sealed record CompactionOptions
{
    /// <summary>Files of about this size are made.</summary>
    public long TargetBytes { get; init; } = 128L << 20;

    /// <summary>Files below this are brought together with others.</summary>
    public long SmallBytes { get; init; } = 64L << 20;

    /// <summary>Columns to sort by within each file that is made; files that are not sorted so yet are rewritten whatever their size.</summary>
    public IReadOnlyList<string> SortBy { get; init; } = [];

    /// <summary>One run rewrites about as much, and says whether there is more to do.</summary>
    public long BytesAtOnce { get; init; } = 2L << 30;
}
