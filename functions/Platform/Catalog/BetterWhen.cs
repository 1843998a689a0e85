namespace DataPlatform.Catalog;

/// <summary>Which way a number should go.</summary>
public enum BetterWhen
{
    Higher,
    Lower,
}
