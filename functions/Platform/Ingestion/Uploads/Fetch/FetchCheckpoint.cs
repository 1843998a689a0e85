using System.Text.Json.Serialization;

namespace DataPlatform.Ingestion.Uploads.Fetch;

/// <summary>How far a fetch has come: all that another process needs to go on, or to read what was fetched.</summary>
public sealed record FetchCheckpoint
{
    /// <summary>Start of the first attempt: the deadline counts from here.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The parts in the order of the file.</summary>
    public IReadOnlyList<FetchPart> Parts { get; init; } = [];

    /// <summary>What says that the remote file is still the same: a strong ETag or a date, as <c>If-Range</c> has it. Null: it cannot be resumed.</summary>
    public string? Validator { get; init; }

    /// <summary>Bytes of the whole file; null when the server does not say.</summary>
    public long? Total { get; init; }

    /// <summary>What the file is, once its server has answered.</summary>
    public string? ContentType { get; init; }

    /// <summary>How it is compressed; null when it is not.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>Requests sent so far.</summary>
    public int Attempts { get; init; }

    /// <summary>How often it was begun anew.</summary>
    public int Restarts { get; init; }

    /// <summary>Whether all of the file is there.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Bytes that are in the object store.</summary>
    [JsonIgnore]
    public long Bytes => Parts.Sum(part => part.Bytes);
}
