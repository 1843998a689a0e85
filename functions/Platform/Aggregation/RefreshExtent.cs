namespace DataPlatform.Aggregation;

/// <summary>How much of a mart a refresh computes.</summary>
public enum RefreshExtent
{
    /// <summary>The commits of the source touched no partition.</summary>
    Nothing,

    /// <summary>The partitions that the commits of the source touched.</summary>
    Partitions,

    /// <summary>All.</summary>
    Whole,
}
