namespace DataPlatform.Operations;

/// <summary>How a mart compares with a full recomputation from the same version of its source.</summary>
/// <param name="Equal">Whether both have the same groups with the same values; floats within 10⁻¹².</param>
/// <param name="MartVersion">The mart's table version.</param>
/// <param name="SourceVersion">The source's table version that both come from.</param>
/// <param name="DefinitionVersion">The definition that both come from.</param>
/// <param name="Rows">Of the mart.</param>
/// <param name="RowsComputed">Of the recomputation.</param>
/// <param name="RowsDiffering">Groups with other values, or that one of them lacks.</param>
/// <param name="PartitionsDiffering">Partitions with such groups; without <c>partitionBy</c>, the groups themselves.</param>
/// <param name="Partitions">The first of them: values by column, as text.</param>
public sealed record MartVerification(
    bool Equal,
    long MartVersion,
    long SourceVersion,
    long DefinitionVersion,
    long Rows,
    long RowsComputed,
    long RowsDiffering,
    long PartitionsDiffering,
    IReadOnlyList<IReadOnlyDictionary<string, string?>> Partitions);
