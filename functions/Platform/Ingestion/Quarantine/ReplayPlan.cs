using DataPlatform.Sql;

namespace DataPlatform.Ingestion.Quarantine;

/// <summary>A replay made ready for its rows.</summary>
/// <param name="DefinitionVersion">Of the contract that rows are checked against.</param>
/// <param name="Contract">With the patch in it.</param>
/// <param name="Expressions">By the input's name of the field whose text they give.</param>
internal sealed record ReplayPlan(
    long DefinitionVersion, ContractPlan Contract, ReplayPatch Patch, IReadOnlyList<(string Column, ParsedExpression Expression)> Expressions);
