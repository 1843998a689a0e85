using System.Text.Json.Serialization;
using DataPlatform.Ingestion.Batches;
using DataPlatform.Ingestion.Uploads.Fetch;
using DataPlatform.Lake;
using DataPlatform.Operations;

namespace DataPlatform.Ingestion.Uploads;

/// <summary>A batch that is loaded by an orchestration, as its row has it. What was loaded is in the table's log; this is what people ask for.</summary>
public sealed record Upload
{
    /// <summary>Also the id of its batch and receipt.</summary>
    public required string Id { get; init; }

    public required string Dataset { get; init; }

    /// <summary>Who sends it.</summary>
    public required string Caller { get; init; }

    public required UploadOrigin Origin { get; init; }

    [JsonConverter(typeof(JsonStringEnumConverter<UploadStatus>))]
    public UploadStatus Status { get; init; }

    /// <summary>Null when it has ended.</summary>
    public UploadStage? Stage { get; init; }

    public required string ContentType { get; init; }

    public string? ContentEncoding { get; init; }

    /// <summary>The address to fetch without its query, which may be secret; null for other origins.</summary>
    public string? Url { get; init; }

    public required DateTimeOffset Created { get; init; }

    /// <summary>When its sender had sent all; null before.</summary>
    public DateTimeOffset? Completed { get; init; }

    /// <summary>When its orchestration began.</summary>
    public DateTimeOffset? Started { get; init; }

    public DateTimeOffset? Ended { get; init; }

    /// <summary>Until when it can be completed; null when its bytes came with the request.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>What its sender announced; null when nothing was.</summary>
    public long? ExpectedBytes { get; init; }

    /// <summary>Lowercase hex. Of a body that came with the request its own, else what the sender announced, if anything.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Lowercase hex, of the request that made it, by which its repetition is known; null for sessions.</summary>
    public string? RequestSha256 { get; init; }

    /// <summary>Stored; null before that is known.</summary>
    public long? Bytes { get; init; }

    /// <summary>Of the stored bytes; loaded is what has it or nothing. Null before they are complete.</summary>
    public string? ETag { get; init; }

    /// <summary>Bytes that were read so far while loading or fetching.</summary>
    public long BytesRead { get; init; }

    /// <summary>Read so far.</summary>
    public long Rows { get; init; }

    /// <summary>How often it was started, from 1: a rejected batch may be sent again under its key.</summary>
    public int Round { get; init; } = 1;

    /// <summary>The round in which its bytes came, which have a place of their own: what is cleared away behind an earlier round is not those.</summary>
    public int Place { get; init; } = 1;

    /// <summary>Until when its bytes are kept so that loading them can be begun again, though it failed; null when they are not.</summary>
    public DateTimeOffset? KeptUntil { get; init; }

    /// <summary>Its sender would rather not have it loaded.</summary>
    public bool CancelRequested { get; init; }

    public RunFailure? Error { get; init; }

    /// <summary>The claim under which it is loaded; null before it is complete.</summary>
    [JsonInclude]
    internal BatchClaim? Claim { get; init; }

    /// <summary>What to fetch, with its secrets; null for other origins, and once it has ended.</summary>
    [JsonInclude]
    internal FetchRequest? Fetch { get; init; }

    /// <summary>How far the fetching has come; null before, and once it has ended.</summary>
    [JsonInclude]
    internal FetchCheckpoint? Fetched { get; init; }

    [JsonIgnore]
    public bool HasEnded => Status is UploadStatus.Succeeded or UploadStatus.Failed or UploadStatus.Canceled;

    /// <summary>The id of the orchestration that loads it.</summary>
    [JsonIgnore]
    public string Instance => $"{Id}-{Round}";

    /// <summary>Where its bytes lie until they are loaded.</summary>
    [JsonIgnore]
    public LakePath Object => UploadPaths.Object(Id, Place);

    /// <summary>The same for bytes that are fetched.</summary>
    [JsonIgnore]
    public LakePath Parts => UploadPaths.Parts(Id, Place);

    /// <summary>Once more from its kept bytes.</summary>
    internal Upload Again(DateTimeOffset now) => this with
    {
        Status = UploadStatus.NotStarted,
        Stage = UploadStage.Waiting,
        Ended = null,
        KeptUntil = null,
        Error = null,
        BytesRead = 0,
        Rows = 0,
        Round = Round + 1,
        CancelRequested = false,
        Fetched = Fetched is null ? null : Fetched with { Started = now, Attempts = 0, Restarts = 0 },
    };
}
