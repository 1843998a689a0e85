namespace DataPlatform.Ingestion;

/// <summary>Bounds of what a batch may hold. They bound memory, whatever a body claims to be. Sizes in bytes.</summary>
public sealed record IngestionLimits
{
    public static readonly IngestionLimits Default = new();

    /// <summary>Bodies may unfold to so much however small they are.</summary>
    public const long UnfoldRatioFrom = 64L << 20;

    /// <summary>A longer CSV record, NDJSON line or JSON element goes to quarantine, cut off; so does a Parquet row with a longer value.</summary>
    public int MaxRowBytes { get; init; } = 1 << 20;

    /// <summary>How much of a text body is looked at at once; longer rows get more.</summary>
    public int WindowBytes { get; init; } = 256 << 10;

    /// <summary>Columns of a CSV header or Parquet file, and of a dataset table that evolves.</summary>
    public int MaxColumns { get; init; } = 1000;

    /// <summary>Keys of a batch whose contract says <c>unique</c> or <c>dedupe</c>; each takes up to 32 bytes of memory, with <c>dedupe</c> up to 48.</summary>
    public int MaxUniqueKeys { get; init; } = 4_000_000;

    /// <summary>Nesting of a JSON row, and of a Parquet file's columns.</summary>
    public int MaxJsonDepth { get; init; } = 64;

    /// <summary>What a compressed body may unfold to.</summary>
    public long MaxUnfoldedBytes { get; init; } = 16L << 30;

    /// <summary>How many times its own size a compressed body may unfold to, once it is past 64 MiB.</summary>
    public int MaxUnfoldRatio { get; init; } = 250;

    /// <summary>Of a Parquet body on local disk, unfolded.</summary>
    public long MaxSpoolBytes { get; init; } = 2L << 30;

    /// <summary>Of the metadata at a Parquet file's end.</summary>
    public int MaxParquetFooterBytes { get; init; } = 16 << 20;

    /// <summary>What the pages of a Parquet row group may unfold to, of each column its dictionary and its largest other page.</summary>
    public long MaxParquetPageBytes { get; init; } = 512L << 20;

    /// <summary>How many times its own size a Parquet file's values may have, once past 64 MiB; more than in <see cref="MaxUnfoldRatio"/>, for
    /// columns of few different values become very small.</summary>
    public int MaxParquetRatio { get; init; } = 5000;

    /// <summary>Rows of a block, which becomes a Parquet row group.</summary>
    public int BlockRows { get; init; } = 122_880;

    /// <summary>Bytes of values in a block, over all columns.</summary>
    public int BlockBytes { get; init; } = 16 << 20;

    /// <summary>A data file is closed when it has reached this size.</summary>
    public long FileBytes { get; init; } = 96L << 20;

    /// <summary>A data file whose keys are kept is closed when it has so many rows.</summary>
    public int FileKeys { get; init; } = 1_000_000;

    /// <summary>Blocks of one batch that are encoded at the same time, each into a file of its own.</summary>
    public int Encoders { get; init; } = Math.Clamp(Environment.ProcessorCount, 1, 2);

    /// <summary>The limits that are settings, and the defaults of the others.</summary>
    public static IngestionLimits Of(PlatformOptions options) => Default with
    {
        MaxRowBytes = options.MaxRowBytes,
        MaxColumns = options.MaxColumns,
        MaxJsonDepth = options.MaxJsonDepth,
        MaxUnfoldedBytes = options.MaxUnfoldedBytes,
        MaxUnfoldRatio = options.MaxUnfoldRatio,
        MaxSpoolBytes = options.MaxSpoolBytes,
        MaxParquetPageBytes = options.MaxParquetPageBytes,
    };
}
