using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>Where a table or column comes from and what comes from it, as pipelines and marts are defined now.</summary>
/// <param name="Tables">The nearest first.</param>
/// <param name="Writes">What connects them.</param>
/// <param name="Fields">Of a column, upstream: the fields of contracts that it comes from in the end.</param>
/// <param name="Hidden">Tables that the caller may not read: neither they nor what lies behind them is told.</param>
/// <param name="Truncated">There are more tables, behind the depth or the limit of an answer.</param>
public sealed record LineageAnswer(
    string Table,
    TableKind Kind,
    string? Column,
    LineageDirection Direction,
    IReadOnlyList<LineageTable> Tables,
    IReadOnlyList<LineageWrite> Writes,
    IReadOnlyList<LineageField>? Fields,
    int Hidden,
    bool Truncated);
