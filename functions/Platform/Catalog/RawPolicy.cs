namespace DataPlatform.Catalog;

/// <summary>What the raw zone keeps of a batch (<c>raw</c>).</summary>
public enum RawPolicy
{
    /// <summary>The bytes as they came.</summary>
    Keep,

    /// <summary>The rows that could be taken apart, with personal values protected: CSV as CSV, all else as NDJSON.</summary>
    Redacted,

    /// <summary>Nothing; the receipt has the SHA-256 of the body all the same.</summary>
    None,
}
