namespace DataPlatform.Catalog;

/// <summary>What happens to a row that breaks a check.</summary>
public enum CheckAction
{
    /// <summary>The row goes to quarantine.</summary>
    Quarantine,

    /// <summary>The row is loaded and counted in the receipt's <c>warnings</c>.</summary>
    Warn,

    /// <summary>The row is left out and counted as discarded.</summary>
    DiscardRow,
}
