namespace DataPlatform.Aggregation;

/// <summary>What a refresh would do.</summary>
/// <param name="HeldVersion">The source's table version that the mart holds; null when it holds none of this table.</param>
/// <param name="SourceVersion">The one it would be refreshed to.</param>
/// <param name="Reason">Why all would be computed; null when it would not.</param>
/// <param name="PartitionsTouched">How many partitions would be computed; null for all.</param>
/// <param name="Partitions">The first of them: values by column, as text.</param>
/// <param name="FilesRewritten">Files of the mart that would be written anew or given up.</param>
public sealed record RefreshPreview(
    string Mart,
    long DefinitionVersion,
    string Source,
    long? HeldVersion,
    long SourceVersion,
    RefreshExtent Extent,
    string? Reason,
    long? PartitionsTouched,
    IReadOnlyList<IReadOnlyDictionary<string, string?>> Partitions,
    int FilesRewritten)
{
    /// <summary>The most partitions that are named.</summary>
    public const int MostPartitions = 1000;
}
