using DataPlatform.Operations;
using DataPlatform.Tables;

namespace DataPlatform.Processing.Lineage;

/// <summary>A step or refresh as the catalog has it: what writes a table from which others.</summary>
/// <param name="Kind">What a run of it is.</param>
/// <param name="Name">Of the pipeline or mart.</param>
/// <param name="Step">Its name in a run.</param>
/// <param name="Sources">Names of tables.</param>
public sealed record TableWriter(RunKind Kind, string Name, string Step, TableName Target, IReadOnlyList<string> Sources);
