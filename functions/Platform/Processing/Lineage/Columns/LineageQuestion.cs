namespace DataPlatform.Processing.Lineage.Columns;

/// <summary>What is asked about a table.</summary>
/// <param name="Column">Follows this column only; null follows the table.</param>
/// <param name="Depth">Steps to follow, each way.</param>
/// <param name="Columns">Tells of each write what its columns come from. A column's lineage always does.</param>
/// <param name="Indirect">Follows a column also over what decides which rows there are.</param>
public sealed record LineageQuestion(string Table, string? Column, LineageDirection Direction, int Depth, bool Columns, bool Indirect)
{
    public const int DefaultDepth = 16;
    public const int MaxDepth = 64;
}
