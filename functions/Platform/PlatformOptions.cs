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

    /// <summary>Longest CSV record, NDJSON line, JSON element and Parquet value.</summary>
    [Range(1 << 10, 64 << 20)]
    public int MaxRowBytes { get; set; } = 1 << 20;

    /// <summary>Most columns of a file, and of a dataset table that evolves.</summary>
    [Range(1, 10_000)]
    public int MaxColumns { get; set; } = 1000;

    /// <summary>Deepest nesting of a JSON row and of a Parquet file's columns.</summary>
    [Range(1, 256)]
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>What a compressed body, and a Parquet file's values, may unfold to.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long MaxUnfoldedBytes { get; set; } = 16L << 30;

    /// <summary>How many times its own size a compressed body may unfold to, once past 64 MiB.</summary>
    [Range(1, int.MaxValue)]
    public int MaxUnfoldRatio { get; set; } = 250;

    /// <summary>Largest Parquet file, unfolded: it lies in the scratch folder while it is read.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long MaxSpoolBytes { get; set; } = 2L << 30;

    /// <summary>What those pages of a Parquet row group may unfold to that are in memory at one time.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long MaxParquetPageBytes { get; set; } = 512L << 20;

    /// <summary>Largest file fetched from a URL.</summary>
    [Range(1, long.MaxValue)]
    public long MaxFetchBytes { get; set; } = 10L << 30;

    /// <summary>How long the server of a fetched file may be silent.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan FetchIdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the fetch of a file may take in all.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FetchDeadline { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Whether files are fetched over plain http too.</summary>
    public bool FetchHttp { get; set; }

    /// <summary>The ports that files are fetched from, separated by commas; <c>*</c> is all.</summary>
    [Required]
    public string FetchPorts { get; set; } = "443";

    /// <summary>Hosts (<c>files.example.com</c>, <c>*.example.com</c>) and networks (<c>10.1.0.0/16</c>) of private addresses that files may be
    /// fetched from, separated by commas. Link-local addresses, where metadata services are, never are.</summary>
    public string FetchAllow { get; set; } = "";

    /// <summary>How long an ingestion that died without a word keeps a repeat of its request waiting.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ClaimLease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What becomes of batches for datasets that nobody has defined: refused, or the first one makes the dataset.</summary>
    public Ingestion.UnknownDatasetPolicy OnUnknownDataset { get; set; } = Ingestion.UnknownDatasetPolicy.Freeze;

    /// <summary>How long rows stay in quarantine. What is still there then counts as dismissed.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "3650.00:00:00")]
    public TimeSpan QuarantineRetention { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long an upload session can be written and completed.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan UploadLife { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Days after its end that an orchestration's history is kept.</summary>
    [Range(1, 3650)]
    public int HistoryDays { get; set; } = 7;

    /// <summary>The admin key. Empty: one is generated and printed at start (local host only).</summary>
    public string AdminKey { get; set; } = "";

    /// <summary>The secret key of contracts' <c>pii: hash</c>, at least 32 characters. With another key equal values get other hashes.</summary>
    public string PiiKey { get; set; } = "";

    /// <summary>The secret key that links to dashboards are signed with, at least 32 characters. With another key all links end.</summary>
    public string EmbedKey { get; set; } = "";

    /// <summary>The sites that may show embedded dashboards in a frame, as <c>frame-ancestors</c> of a content security policy has them.</summary>
    [Required(AllowEmptyStrings = false)]
    [RegularExpression(@"[^;,\r\n]+")]
    public string EmbedOrigins { get; set; } = "*";

    /// <summary>The scheme and host that links point to; empty takes the request's.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>How old a definition may be that an instance serves without looking again.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan CatalogMaxAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Memory limit of the SQL engine that runs pipelines, marts and merges.</summary>
    [Range(64L << 20, long.MaxValue)]
    public long SqlMemoryBytes { get; set; } = 1L << 30;

    /// <summary>Results that the SQL engine writes at one time. Each is written by all threads, and takes memory for the rows that these have not
    /// written yet; further ones wait.</summary>
    [Range(1, 64)]
    public int SqlWriters { get; set; } = 2;

    /// <summary>Local disk that one activity of a step may use: copies of table files, its result, and what its query moves out of memory.
    /// Files of a folder store are read in place and do not count.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long ActivityTemporaryBytes { get; set; } = 4L << 30;

    /// <summary>Partitions that one write may divide its rows into: each becomes a file at least.</summary>
    [Range(1, 100_000)]
    public int PartitionsPerWrite { get; set; } = 1000;

    /// <summary>Activities of a step that a run has under way at one time.</summary>
    [Range(1, 1000)]
    public int ParallelGroups { get; set; } = 64;

    /// <summary>The most slices of a backfill that are computed side by side.</summary>
    [Range(1, 100)]
    public int BackfillParallelism { get; set; } = 8;

    /// <summary>From so many activities on a step is spread over sub-orchestrations, each with so many.</summary>
    [Range(2, 1000)]
    public int GroupsPerOrchestration { get; set; } = 100;

    /// <summary>Memory limit of the SQL engine that answers queries.</summary>
    [Range(64L << 20, long.MaxValue)]
    public long ServingMemoryBytes { get; set; } = 512L << 20;

    /// <summary>Processes that run the SQL of callers at one time.</summary>
    [Range(1, 64)]
    public int QueryWorkers { get; set; } = 2;

    /// <summary>Memory limit of each of them.</summary>
    [Range(64L << 20, long.MaxValue)]
    public long QueryMemoryBytes { get; set; } = 512L << 20;

    /// <summary>Temporary files of each of them.</summary>
    [Range(0, long.MaxValue)]
    public long QueryTemporaryBytes { get; set; } = 2L << 30;

    /// <summary>The longest that a query may take, its answer included.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Most rows that a query gives.</summary>
    [Range(1, long.MaxValue)]
    public long QueryMaxRows { get; set; } = 100_000;

    /// <summary>How large a query's answer grows before it ends.</summary>
    [Range(1 << 10, long.MaxValue)]
    public long QueryMaxBytes { get; set; } = 256L << 20;

    /// <summary>Queries that wait for a process; further ones get 503.</summary>
    [Range(0, 10_000)]
    public int QueryQueue { get; set; } = 32;

    /// <summary>How long a query waits for a process.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan QueryQueueWait { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Size of the local cache of table files.</summary>
    [Range(0, long.MaxValue)]
    public long FileCacheBytes { get; set; } = 4L << 30;

    /// <summary>Memory for the filters by which datasets with <c>dedupe</c> find keys they have: about 10 bits a key.</summary>
    [Range(1 << 20, long.MaxValue)]
    public long KeyFilterBytes { get; set; } = 128L << 20;

    /// <summary>How long a CloudEvent, known by its source and id, counts once in a dataset.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan EventWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>By hub, the dataset of events that do not say theirs. Hubs that are not here have the dataset of their own name.</summary>
    public Dictionary<string, string> HubDatasets { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>DNS names of those who are told that they may deliver CloudEvents, comma-separated; <c>*</c> is everybody. A delivery needs a key all the
    /// same.</summary>
    public string EventOrigins { get; set; } = "*";

    /// <summary>Deliveries a minute that senders of CloudEvents are told to keep to; 0 is any number.</summary>
    [Range(0, int.MaxValue)]
    public int EventRate { get; set; }

    /// <summary>How old an instance's knowledge of a table's newest version may be when it answers queries.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan VersionMaxAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After how many commits a table's log gets a checkpoint.</summary>
    [Range(2, 100_000)]
    public int CheckpointCommits { get; set; } = 100;

    /// <summary>After how many bytes of commits a table's log gets a checkpoint, whatever their number.</summary>
    [Range(1 << 10, long.MaxValue)]
    public long CheckpointBytes { get; set; } = 4L << 20;

    /// <summary>How long commits are kept in a table's log, unless its <c>delta.logRetentionDuration</c> says it. What consumers have not read
    /// yet is kept longer.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "36500.00:00:00")]
    public TimeSpan LogRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a vacuum keeps files that are no longer part of a table, unless its <c>delta.deletedFileRetentionDuration</c> says it.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "36500.00:00:00")]
    public TimeSpan DataRetention { get; set; } = TimeSpan.FromDays(7);

    /// <summary>How far a consumer of a table (projection, step, mart) may lag behind before it is given up as lost.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "36500.00:00:00")]
    public TimeSpan ConsumerMaxLag { get; set; } = TimeSpan.FromDays(90);
}
