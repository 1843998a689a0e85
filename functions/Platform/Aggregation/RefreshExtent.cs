using System.Text.Json.Serialization;

namespace DataPlatform.Aggregation;

/// <summary>How much of a mart a refresh computes. Written in JSON as named here.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefreshExtent>))]
public enum RefreshExtent
{
    /// <summary>The commits of the source touched no partition.</summary>
    Nothing,

    /// <summary>The partitions that the commits of the source touched.</summary>
    Partitions,

    /// <summary>All.</summary>
    Whole,
}
