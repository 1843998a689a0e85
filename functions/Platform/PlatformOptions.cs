using System.ComponentModel.DataAnnotations;

namespace DataPlatform;

/// <summary>Settings of the platform: section <c>DataPlatform</c>. Sizes in bytes.</summary>
public sealed class PlatformOptions
{
    public const string Section = "DataPlatform";

    /// <summary>Where all state lies: <c>UseDevelopmentStorage=true</c> (Azurite), a storage connection string, an account name (managed
    /// identity), or <c>folder:PATH</c>.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Storage { get; set; } = "UseDevelopmentStorage=true";

    /// <summary>Local folder for caches and spools. Holds nothing that storage has not; may be emptied at any time.</summary>
    [Required(AllowEmptyStrings = false)]
    public string Scratch { get; set; } = ".local/scratch";

    /// <summary>Largest request body read with Content-Length.</summary>
    [Range(1, long.MaxValue)]
    public long MaxBodyBytes { get; set; } = 32L << 20;

    /// <summary>Largest request body read chunked. The official host cuts bodies off at 104,857,600 bytes with an empty 500, and reads ahead
    /// of us: the limit stays so far below that our 413 comes first.</summary>
    [Range(1, long.MaxValue)]
    public long MaxChunkedBodyBytes { get; set; } = 100_000_000;

    /// <summary>How long an ingestion that died without a word keeps a repeat of its request waiting.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ClaimLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Days after its end that an orchestration's history is kept.</summary>
    [Range(1, 3650)]
    public int HistoryDays { get; set; } = 7;

    /// <summary>The admin key. Empty: one is generated and printed at start (local host only).</summary>
    public string AdminKey { get; set; } = "";

    /// <summary>The secret key of contracts' <c>pii: hash</c>, at least 32 characters. With another key equal values get other hashes.</summary>
    public string PiiKey { get; set; } = "";

    /// <summary>The scheme and host that links point to; empty takes the request's.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>How old a definition may be that an instance serves without looking again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CatalogMaxAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Memory limit of the SQL engine that runs pipelines, marts and merges.</summary>
    [Range(64L << 20, long.MaxValue)]
    public long SqlMemoryBytes { get; set; } = 1L << 30;

    /// <summary>Memory limit of the SQL engine that answers queries.</summary>
    [Range(64L << 20, long.MaxValue)]
    public long ServingMemoryBytes { get; set; } = 512L << 20;

    /// <summary>Size of the local cache of table files.</summary>
    [Range(0, long.MaxValue)]
    public long FileCacheBytes { get; set; } = 4L << 30;

    /// <summary>How old an instance's knowledge of a table's newest version may be when it answers queries.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan VersionMaxAge { get; set; } = TimeSpan.FromSeconds(1);
}
