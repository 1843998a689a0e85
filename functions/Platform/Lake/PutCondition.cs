namespace DataPlatform.Lake;

/// <summary>What must hold of the object that a write replaces.</summary>
public sealed record PutCondition
{
    /// <summary>Write in any case.</summary>
    public static readonly PutCondition None = new();

    /// <summary>Only when there is no object yet: of many writers exactly one wins.</summary>
    public static readonly PutCondition IfAbsent = new() { MustBeAbsent = true };

    private PutCondition()
    {
    }

    public bool MustBeAbsent { get; private init; }

    public string? ETag { get; private init; }

    /// <summary>Only when the object still has this ETag.</summary>
    public static PutCondition IfMatch(string etag) => new() { ETag = etag };
}
