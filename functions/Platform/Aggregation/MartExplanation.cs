namespace DataPlatform.Aggregation;

/// <summary>Where the numbers of one row of a mart come from.</summary>
/// <param name="TableVersion">The mart's table version that was looked at.</param>
/// <param name="DefinitionVersion">The definition that computed it.</param>
/// <param name="SourceVersion">The source's table version that it was computed from.</param>
/// <param name="Group">The values of the dimensions, as text.</param>
/// <param name="Partition">The unit of recomputation that the row is in; null when the mart has no <c>partitionBy</c>.</param>
/// <param name="MartFiles">The mart's files that hold the partition, by path in its table.</param>
/// <param name="SourceRows">Rows of the source that were aggregated.</param>
/// <param name="SourceFiles">The source's files with such rows.</param>
/// <param name="Batches">The batches that these rows came in, when rows tell.</param>
/// <param name="Sql">The query whose result the row is, over the source at its version.</param>
public sealed record MartExplanation(
    string Mart,
    long TableVersion,
    long DefinitionVersion,
    string Source,
    long SourceVersion,
    IReadOnlyDictionary<string, string?> Group,
    IReadOnlyDictionary<string, string?>? Partition,
    IReadOnlyList<ExplainedMeasure> Measures,
    string Sql,
    IReadOnlyList<string> MartFiles,
    long SourceRows,
    IReadOnlyList<ExplainedFile> SourceFiles,
    IReadOnlyList<ExplainedBatch> Batches);
