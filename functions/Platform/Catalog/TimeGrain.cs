namespace DataPlatform.Catalog;

/// <summary>What the times of a dimension are cut down to. Weeks begin on Mondays (ISO 8601).</summary>
public enum TimeGrain
{
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}
