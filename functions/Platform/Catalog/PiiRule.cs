namespace DataPlatform.Catalog;

/// <summary>How a personal value is protected (<c>pii</c>): in the table, the raw zone, the quarantine and all messages.</summary>
public enum PiiRule
{
    /// <summary>HMAC-SHA256 under <see cref="PlatformOptions.PiiKey"/>, hex: equal values stay equal.</summary>
    Hash,

    /// <summary>Letters become <c>x</c>, digits <c>0</c>; all else stays.</summary>
    Mask,

    /// <summary>The value becomes null.</summary>
    Drop,
}
