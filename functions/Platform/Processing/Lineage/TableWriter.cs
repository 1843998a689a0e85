using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>A step or refresh as the catalog has it: what writes a table from which others.</summary>
/// <param name="Kind">What a run of it is.</param>
/// <param name="Name">Of the pipeline or mart.</param>
/// <param name="Step">Its name in a run.</param>
/// <param name="Sources">Names of tables; empty when <paramref name="IsReadable"/> is false.</param>
/// <param name="Sql">The SELECT that a step's or mart's definition amounts to.</param>
/// <param name="IsReadable">False for SQL that was put when an older engine could read it; it cannot run now.</param>
public sealed record TableWriter(
    RunKind Kind, string Name, string Step, TableName Target, IReadOnlyList<string> Sources, string Sql = "", bool IsReadable = true)
{
    /// <summary>Whether its <c>new.</c> sources have the column <c>_change_type</c>.</summary>
    public bool ReadsChanges { get; init; }
}
