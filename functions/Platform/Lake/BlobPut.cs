using Azure;
using Azure.Storage.Blobs.Models;

namespace DataPlatform.Lake;

/// <summary>One write of a blob, whatever requests it takes.</summary>
internal sealed class BlobPut(LakePath path, PutCondition condition, ObjectTraits traits)
{
    public LakePath Path { get; } = path;

    public PutCondition Condition { get; } = condition;

    /// <summary>Tells this write from all others.</summary>
    public string Writer { get; } = Guid.NewGuid().ToString("n");

    public bool IsConditional => Condition.MustBeAbsent || Condition.ETag is not null;

    /// <summary>The ETag asked for is none that a blob can have; the service would take <c>*</c> for any and call others bad requests.</summary>
    public bool CannotHold => Condition.ETag is { } etag && !IsETag(etag);

    public BlobHttpHeaders Headers => new() { ContentType = traits.ContentType ?? ContentTypes.ForName(Path.FileName) };

    /// <summary>The writer's names and values; null when none.</summary>
    public IReadOnlyDictionary<string, string>? Given => traits.Metadata;

    public Dictionary<string, string> Metadata => new(traits.Metadata ?? new Dictionary<string, string>(), StringComparer.Ordinal)
    {
        [BlobObjectStore.WriterKey] = Writer,
    };

    public BlobRequestConditions? Conditions => Condition switch
    {
        { MustBeAbsent: true } => new BlobRequestConditions { IfNoneMatch = ETag.All },
        { ETag: { } etag } => new BlobRequestConditions { IfMatch = new ETag(etag) },
        _ => null,
    };

    /// <summary>Blob ETags look like <c>0x8DCB1A2B3C4D5E6</c>.</summary>
    public static bool IsETag(string etag) =>
        etag.Length is > 2 and < 40
        && etag.StartsWith("0x", StringComparison.Ordinal)
        && etag.AsSpan(2).IndexOfAnyExcept(HexDigits) < 0;

    private static readonly System.Buffers.SearchValues<char> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdefABCDEF");
}
