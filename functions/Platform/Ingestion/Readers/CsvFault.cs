namespace DataPlatform.Ingestion.Readers;

/// <summary>How the scan of a CSV record ended.</summary>
internal enum CsvFault
{
    None,

    /// <summary>The record does not end within the bytes at hand.</summary>
    NeedsMore,

    /// <summary>A quote at the end of a value that does not start with one.</summary>
    StrayQuote,

    /// <summary>Text between a closing quote and the next delimiter.</summary>
    TextAfterQuote,

    /// <summary>A quoted value that never ends.</summary>
    UnclosedQuote,

    /// <summary>The record is longer than is read.</summary>
    TooLong,
}
